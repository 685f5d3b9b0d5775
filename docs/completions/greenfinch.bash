# Completion of greenfinch for bash. Made of the table of settings: GREENFINCH_WRITE_PAGES=1 swift test --filter ManualTests
_greenfinch() {
  local word=$2 before=$3
  COMPREPLY=()
  if [ "${COMP_WORDS[1]}" = ctl ]; then
    COMPREPLY=($(compgen -W "status workers reload reopen add remove drain dump trace top --socket --json --interval --count --help" -- "$word"))
    return
  fi
  case $before in
  --pythonpath) COMPREPLY=($(compgen -d -- "$word")) && return ;;
  --preload) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --root-path) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --asgi-loop) return ;;
  --asgi-lifespan) return ;;
  --asgi-disconnect-grace-period) return ;;
  --websocket-max-message-size) return ;;
  --paste|--paster) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --paste-global) return ;;
  --log-config) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --log-config-json) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --logger-class) return ;;
  -w|--workers) return ;;
  -k|--worker-class) COMPREPLY=($(compgen -W "sync green thread" -- "$word")) && return ;;
  --worker-connections) return ;;
  --threads) return ;;
  --handler-isolation) COMPREPLY=($(compgen -W "shared thread" -- "$word")) && return ;;
  -t|--timeout) return ;;
  --boot-timeout) return ;;
  --max-requests) return ;;
  --max-requests-jitter) return ;;
  --max-worker-age) return ;;
  --max-worker-memory) return ;;
  --graceful-timeout) return ;;
  -b|--bind) return ;;
  --backlog) return ;;
  --reuse-port) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  -m|--umask) return ;;
  -u|--user) return ;;
  -g|--group) return ;;
  --initgroups) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --chdir) COMPREPLY=($(compgen -d -- "$word")) && return ;;
  -D|--daemon) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  -R|--enable-stdio-inheritance) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  -e|--env) return ;;
  -p|--pid) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  -n|--name) return ;;
  --keep-alive) return ;;
  --request-timeout) return ;;
  --http-protocols) return ;;
  --http2-max-concurrent-streams) return ;;
  --limit-request-line) return ;;
  --limit-request-fields) return ;;
  --limit-request-field_size|--limit-request-field-size) return ;;
  --http2-max-header-list-size) return ;;
  --limit-request-body) return ;;
  --min-rate) return ;;
  --certfile) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --keyfile) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --ocsp-response) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --ca-certs) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --cert-reqs) COMPREPLY=($(compgen -W "none optional required 0 1 2" -- "$word")) && return ;;
  --ciphers) return ;;
  --ssl-version) COMPREPLY=($(compgen -W "TLS TLSv1_2 TLSv1_3" -- "$word")) && return ;;
  --do-handshake-on-connect) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --forwarded-allow-ips) return ;;
  --proxy-protocol) COMPREPLY=($(compgen -W "off v1 v2 auto" -- "$word")) && return ;;
  --proxy-allow-from) return ;;
  --access-logfile) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --access-logformat) return ;;
  --log-file|--error-logfile) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --capture-output) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --log-level) COMPREPLY=($(compgen -W "debug info warning error critical" -- "$word")) && return ;;
  --log-format) COMPREPLY=($(compgen -W "text json" -- "$word")) && return ;;
  --log-syslog) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --log-syslog-to) return ;;
  --log-syslog-prefix) return ;;
  --log-syslog-facility) COMPREPLY=($(compgen -W "kern user mail daemon auth security syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7" -- "$word")) && return ;;
  --log-syslog-format) COMPREPLY=($(compgen -W "rfc3164 rfc5424" -- "$word")) && return ;;
  --disable-redirect-access-to-syslog) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --metrics-bind) return ;;
  --ready-when-busy) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --statsd-host) return ;;
  --statsd-prefix) return ;;
  --dogstatsd-tags) return ;;
  --enable-backlog-metric) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --control-socket) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --control-socket-mode) return ;;
  --reload) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  --reload-engine) COMPREPLY=($(compgen -W "auto poll inotify" -- "$word")) && return ;;
  --reload-extra-file) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  --reload-command) return ;;
  --debug) COMPREPLY=($(compgen -W "yes no on off true false 1 0" -- "$word")) && return ;;
  -c|--config) COMPREPLY=($(compgen -f -- "$word")) && return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "--pythonpath --preload --root-path --asgi-loop --asgi-lifespan --asgi-disconnect-grace-period --websocket-max-message-size --paste --paster --paste-global --log-config --log-config-json --logger-class -w --workers -k --worker-class --worker-connections --threads --handler-isolation -t --timeout --boot-timeout --max-requests --max-requests-jitter --max-worker-age --max-worker-memory --graceful-timeout -b --bind --backlog --reuse-port -m --umask -u --user -g --group --initgroups --chdir -D --daemon -R --enable-stdio-inheritance -e --env -p --pid -n --name --keep-alive --request-timeout --http-protocols --http2-max-concurrent-streams --limit-request-line --limit-request-fields --limit-request-field_size --limit-request-field-size --http2-max-header-list-size --limit-request-body --min-rate --certfile --keyfile --ocsp-response --ca-certs --cert-reqs --ciphers --ssl-version --do-handshake-on-connect --forwarded-allow-ips --proxy-protocol --proxy-allow-from --access-logfile --access-logformat --log-file --error-logfile --capture-output --log-level --log-format --log-syslog --log-syslog-to --log-syslog-prefix --log-syslog-facility --log-syslog-format --disable-redirect-access-to-syslog --metrics-bind --ready-when-busy --statsd-host --statsd-prefix --dogstatsd-tags --enable-backlog-metric --control-socket --control-socket-mode --reload --reload-engine --reload-extra-file --reload-command --debug -c --config --check-config --print-config -v --version -h --help --help-all" -- "$word"))
  elif [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W ctl -- "$word"))
  fi
}
complete -o default -o filenames -F _greenfinch greenfinch

extension GunicornSettings {
  static let mechanics: [GunicornSetting] = [
    .ignored(
      "preload_app", "--preload", isSwitch: true,
      because:
        "a program starts in milliseconds, and its pages are shared; a model for all workers is a file that each maps"
    ),
    .ignored(
      "sendfile", "--no-sendfile", isSwitch: true, because: "files go out by sendfile(2) wherever there is no TLS"),
    .known("reuse_port"), .known("chdir"), .known("daemon"), .known("raw_env"), .known("pidfile"),
    .ignored(
      "worker_tmp_dir", "--worker-tmp-dir", because: "workers show that they live in shared memory, not in files"),
    .known("user"), .known("group"), .known("umask"), .known("initgroups"),
    .ignored("tmp_upload_dir", because: "bodies are not written to files"),
    .refused(
      "secure_scheme_headers",
      because: "X-Forwarded-Proto and Forwarded say the scheme, of those in forwarded_allow_ips"),
    .known("forwarded_allow_ips"),
    .ignored(
      "forwarder_headers", "--forwarder-headers", default: "SCRIPT_NAME,PATH_INFO",
      because: "fields are no variables; a proxy says the prefix by X-Forwarded-Prefix"),
    .ignored(
      "header_map", "--header-map", default: "drop",
      because: "fields are no variables: names with _ and with - are two names"),
    .refused("pythonpath", "--pythonpath", because: "the application is compiled into the program"),
    .refused("paste", "--paste", "--paster", because: "the application is compiled into the program"),
    .refused("raw_paste_global_conf", "--paste-global", because: "the application is compiled into the program"),
    .known("proxy_protocol"), .known("proxy_allow_ips"),
    .refused("protocol", "--protocol", default: "http", because: "only HTTP is spoken; nginx has proxy_pass for it"),
    .ignored(
      "uwsgi_allow_ips", "--uwsgi-allow-from", default: "127.0.0.1,::1", because: "only HTTP is spoken, and not uwsgi"),
    .refused(
      "root_path", "--root-path",
      because: "a proxy says the prefix by X-Forwarded-Prefix, or the application mounts itself"),
    .refused(
      "permit_obsolete_folding", "--permit-obsolete-folding", isSwitch: true,
      because: "by such requests others are smuggled past a proxy"),
    .refused(
      "strip_header_spaces", "--strip-header-spaces", isSwitch: true,
      because: "by such requests others are smuggled past a proxy"),
    .ignored(
      "permit_unconventional_http_method", "--permit-unconventional-http-method", isSwitch: true,
      because: "every token of RFC 9110 is a method anyway"),
    .refused(
      "permit_unconventional_http_version", "--permit-unconventional-http-version", isSwitch: true,
      because: "there is HTTP/1.0, 1.1 and 2"),
    .refused(
      "casefold_http_method", "--casefold-http-method", isSwitch: true,
      because: "methods are case-sensitive: RFC 9110, 9.1"),
  ]

  static let naming: [GunicornSetting] = [
    .known("proc_name"),
    .refused("default_proc_name", default: "gunicorn", because: "it is gunicorn's own; write proc_name"),
  ]

  static let tls: [GunicornSetting] = [
    .known("keyfile"), .known("certfile"), .known("ssl_version"), .known("cert_reqs"), .known("ca_certs"),
    .ignored(
      "suppress_ragged_eofs", "--suppress-ragged-eofs", isSwitch: true, default: "true",
      because: "a connection that ends without a word ends its request and nothing else"),
    .known("do_handshake_on_connect"), .known("ciphers"),
  ]
}

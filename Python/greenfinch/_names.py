"""The names that a gunicorn.conf.py may set: gunicorn's, and the server's own. A test compares them with the pages of the
documentation, which are made from the server's table."""

#: Functions that are called in workers, with what gunicorn gives them.
WORKER_HOOKS = {
    "post_fork": ("server", "worker"),
    "post_worker_init": ("worker",),
    "pre_request": ("worker", "req"),
    "post_request": ("worker", "req", "environ", "resp"),
    "worker_int": ("worker",),
    "worker_exit": ("server", "worker"),
}
#: Functions that are called beside the master, in a process that does nothing else.
MASTER_HOOKS = {
    "nworkers_changed": ("server", "new_value", "old_value"),
    "on_starting": ("server",),
    "when_ready": ("server",),
    "pre_fork": ("server", "worker"),
    "child_exit": ("server", "worker"),
    "on_reload": ("server",),
    "pre_exec": ("server",),
    "on_exit": ("server",),
}
_NO_DIRTY = "there are no dirty arbiters: greenfinch.offload() takes work out of the fibers"
#: Hooks that nothing here calls, with the reason.
UNCALLED_HOOKS = {
    "worker_abort": "a worker that hangs cannot run Python; the log tells what it was at",
    "ssl_context": "the server speaks TLS itself: write certfile, keyfile, ca_certs and ciphers",
    "on_dirty_starting": _NO_DIRTY,
    "dirty_post_fork": _NO_DIRTY,
    "dirty_worker_init": _NO_DIRTY,
    "dirty_worker_exit": _NO_DIRTY,
}
HOOKS = frozenset(MASTER_HOOKS) | frozenset(WORKER_HOOKS) | frozenset(UNCALLED_HOOKS)

#: What only Python can use: the server's own process is not told of them.
PYTHON_ONLY = frozenset({"logconfig", "logconfig_json", "logconfig_dict", "logger_class"})

SETTINGS = frozenset(
    """
    access_log_format accesslog asgi_disconnect_grace_period asgi_lifespan asgi_loop backlog bind boot_timeout ca_certs
    capture_output casefold_http_method cert_reqs certfile chdir check_config ciphers config control_socket debug
    control_socket_disable control_socket_mode daemon default_proc_name dirty_apps dirty_graceful_timeout dirty_threads
    dirty_timeout dirty_workers disable_redirect_access_to_syslog do_handshake_on_connect dogstatsd_tags
    enable_backlog_metric enable_stdio_inheritance errorlog forwarded_allow_ips forwarder_headers graceful_timeout group
    handler_isolation header_map http2_cleartext http2_initial_window_size http2_max_concurrent_streams
    http2_max_frame_size http2_max_header_list_size http_parser http_protocols initgroups keepalive keyfile
    limit_request_body limit_request_field_size limit_request_fields limit_request_line log_format logconfig
    logconfig_dict logconfig_json logger_class loglevel max_requests max_requests_jitter max_worker_age
    max_worker_memory metrics_bind min_rate ocsp_response paste permit_obsolete_folding
    permit_unconventional_http_method permit_unconventional_http_version pidfile preload_app print_config proc_name
    protocol proxy_allow_ips proxy_protocol pythonpath raw_env raw_paste_global_conf ready_when_busy reload reload_command
    reload_engine
    reload_extra_files request_timeout reuse_port root_path secure_scheme_headers sendfile spew ssl_version statsd_host
    statsd_prefix strip_header_spaces suppress_ragged_eofs syslog syslog_addr syslog_facility syslog_format
    syslog_prefix threads timeout tmp_upload_dir umask user uwsgi_allow_ips websocket_max_message_size worker_class
    worker_connections worker_tmp_dir workers wsgi_app
    """.split()
)

#: Values that need not be told: gunicorn's own of settings that the server would refuse otherwise.
STANDARD = {
    "secure_scheme_headers": {"X-FORWARDED-PROTOCOL": "ssl", "X-FORWARDED-PROTO": "https", "X-FORWARDED-SSL": "on"},
}

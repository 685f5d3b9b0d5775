extension GunicornSettings {
  static let logging: [GunicornSetting] = [
    .known("accesslog"), .known("disable_redirect_access_to_syslog"), .known("access_log_format"), .known("errorlog"),
    .known("loglevel"), .known("capture_output"),
    .refused(
      "logger_class", "--logger-class", default: "gunicorn.glogging.Logger",
      because: "it is a class of Python; a program chooses its own LogHandler of swift-log"),
    .refused(
      "logconfig", "--log-config", because: "it configures Python's logging; a program chooses its own LogHandler"),
    .refused(
      "logconfig_dict", default: "{}", because: "it configures Python's logging; a program chooses its own LogHandler"),
    .refused(
      "logconfig_json", "--log-config-json",
      because: "it configures Python's logging; a program chooses its own LogHandler"),
    .known("syslog_addr"), .known("syslog"), .known("syslog_prefix"), .known("syslog_facility"),
    .known("enable_stdio_inheritance"), .known("statsd_host"), .known("dogstatsd_tags"), .known("statsd_prefix"),
    .known("enable_backlog_metric"),
  ]

  /// Functions in a file of Python; and where the code goes that they have.
  static let hooks: [GunicornSetting] = [
    hook("on_starting", "app.onMasterStart"), hook("on_reload", "main.swift, which each new worker runs"),
    hook("when_ready", "app.onMasterReady"), hook("pre_fork", "main.swift"), hook("post_fork", "app.onWorkerStart"),
    hook("post_worker_init", "app.onWorkerStart"), hook("worker_int", "app.onWorkerStop"),
    hook("worker_abort", "the log, which tells what the worker did"), hook("pre_exec", "main.swift"),
    hook("pre_request", "app.beforeRequest"), hook("post_request", "app.afterRequest"),
    hook("child_exit", "app.onWorkerExited"),
    hook("worker_exit", "app.onWorkerStop"), hook("nworkers_changed", "the log"), hook("on_exit", "app.onMasterStop"),
    hook("ssl_context", "the settings of TLS"),
  ]

  private static func hook(_ name: String, _ place: String) -> GunicornSetting {
    .refused(name, because: "a hook is code and not a setting; its place is \(place)")
  }

  static let dirty: [GunicornSetting] = [
    .refused("dirty_apps", "--dirty-app", because: noDirtyArbiters),
    .refused("dirty_workers", "--dirty-workers", default: "0", because: noDirtyArbiters),
    .refused("dirty_timeout", "--dirty-timeout", default: "300", because: noDirtyArbiters),
    .refused("dirty_threads", "--dirty-threads", default: "1", because: noDirtyArbiters),
    .refused("dirty_graceful_timeout", "--dirty-graceful-timeout", default: "30", because: noDirtyArbiters),
    .refused("on_dirty_starting", because: noDirtyArbiters), .refused("dirty_post_fork", because: noDirtyArbiters),
    .refused("dirty_worker_init", because: noDirtyArbiters), .refused("dirty_worker_exit", because: noDirtyArbiters),
  ]

  private static let noDirtyArbiters = "there are no dirty arbiters; offload { } takes work off the loop"

  static let control: [GunicornSetting] = [
    .known("control_socket"), .known("control_socket_mode"),
    .ignored(
      "control_socket_disable", "--no-control-socket", isSwitch: true,
      because: "there is none unless control_socket asks for it"),
  ]
}

/// Every setting of gunicorn 27, in the order of its documentation. One that ``ServerSettings`` has is only named.
enum GunicornSettings {
  static let groups: [(title: String, settings: [GunicornSetting])] = [
    ("Config file", file), ("Server socket", sockets), ("Worker processes", workers), ("Security", security),
    ("HTTP/2", http2), ("Debugging", debugging), ("Server mechanics", mechanics), ("Logging", logging),
    ("Process naming", naming), ("SSL", tls), ("Server hooks", hooks), ("Dirty arbiters", dirty), ("Control", control),
  ]

  static let all = groups.flatMap(\.settings)

  /// A setting of gunicorn's that has no place in ``ServerSettings``, by its name.
  static func foreign(named name: String) -> GunicornSetting? { foreign.first { $0.name == name } }

  /// The same by a flag.
  static func foreign(flag: String) -> GunicornSetting? { foreign.first { $0.flags.contains(flag) } }

  /// Those that ``ServerSettings`` does not have.
  static let foreign = all.filter { ServerSettings.named($0.name) == nil && !$0.isKnown }

  private static let file: [GunicornSetting] = [
    .refused("config", because: "the file is named by -c on the command line, or in GREENFINCH_CMD_ARGS"),
    .refused("wsgi_app", because: "the application is compiled into the program"),
  ]

  private static let sockets: [GunicornSetting] = [.known("bind"), .known("backlog")]

  private static let workers: [GunicornSetting] = [
    .known("workers"), .known("worker_class"), .known("threads"), .known("worker_connections"),
    .known("max_requests"), .known("max_requests_jitter"), .known("timeout"), .known("graceful_timeout"),
    .known("keepalive"),
    .ignored("asgi_loop", "--asgi-loop", default: "auto", because: "every green worker has one loop, which is libev's"),
    .ignored("asgi_lifespan", "--asgi-lifespan", default: "auto", because: "there is no ASGI; see app.onWorkerStart"),
    .ignored(
      "asgi_disconnect_grace_period", "--asgi-disconnect-grace-period", default: "3",
      because: "there is no ASGI; a handler asks request.isAbandoned"),
    .ignored("http_parser", "--http-parser", default: "auto", because: "there is one parser"),
    .refused(
      "websocket_max_message_size", "--websocket-max-message-size", default: "16777216",
      because: "an application says it where it accepts a WebSocket"),
  ]

  private static let security: [GunicornSetting] = [
    .known("limit_request_line"), .known("limit_request_fields"), .known("limit_request_field_size"),
  ]

  private static let http2: [GunicornSetting] = [
    .known("http_protocols"),
    .refused(
      "http2_cleartext", "--http2-cleartext", default: "off",
      because: "where http_protocols has h2, it is spoken without TLS too, to clients that begin with it"),
    .known("http2_max_concurrent_streams"),
    .ignored(
      "http2_initial_window_size", "--http2-initial-window-size", default: "65535",
      because: "a stream's window is 65,535 bytes until its body is read, then 256 KiB"),
    .ignored(
      "http2_max_frame_size", "--http2-max-frame-size", default: "16384",
      because: "frames have the standard's 16,384 bytes"),
    .known("http2_max_header_list_size"),
  ]

  private static let debugging: [GunicornSetting] = [
    .known("reload"), .known("reload_engine"), .known("reload_extra_files"),
    .refused("spew", "--spew", isSwitch: true, because: "it prints lines of Python; here a debugger steps"),
    .refused("check_config", because: "it is an option of the command line"),
    .refused("print_config", because: "it is an option of the command line"),
  ]
}

extension GunicornSetting {
  fileprivate var isKnown: Bool { if case .known = fate { true } else { false } }
}

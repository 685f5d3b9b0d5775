internal import CNGHTTP2
internal import GreenHTTP

/// How much a client may make a connection hold.
struct SessionLimits {
  /// How many requests may be in progress at once.
  let streams: Int
  /// How long a head may be, as RFC 9113, 6.5.2 counts.
  let head: Int

  init(_ configuration: HTTPConfiguration) {
    streams = min(max(configuration.concurrentStreams, 1), 1 << 20)
    head = min(max(configuration.limits.head, 16), 1 << 30)
  }

  /// How much of all bodies together may have come that nobody has read.
  static var connectionWindow: Int32 { 1 << 20 }
  /// The same of one body, once its handler reads; before, 65,535 (RFC 9113, 6.9.2).
  static var readWindow: Int32 { 262_144 }
  /// How many answers to SETTINGS and PING may wait to be sent.
  private static var waitingAnswers: Int { 100 }
  /// How many frames may follow one HEADERS frame: CVE-2024-28182.
  private static var continuations: Int { 8 }
  /// How many resets a client may send at once, and how many a second after that: CVE-2023-44487.
  private static var resets: (burst: UInt64, rate: UInt64) { (1_000, 33) }

  func apply(to options: OpaquePointer?) {
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, Self.waitingAnswers)
    nghttp2_option_set_max_continuations(options, Self.continuations)
    nghttp2_option_set_stream_reset_rate_limit(options, Self.resets.burst, Self.resets.rate)
  }

  /// The server's connection preface: RFC 9113, 3.4. False where there is no memory.
  func submitSettings(to session: OpaquePointer) -> Bool {
    let entries = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: UInt32(streams)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(head)),
      // RFC 8441, 3.
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL.rawValue), value: 1),
      // RFC 9218, 2.1: priorities are not looked at.
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    return nghttp2_submit_settings(session, 0, entries, entries.count) == 0
      && nghttp2_session_set_local_window_size(session, 0, 0, Self.connectionWindow) == 0
  }
}

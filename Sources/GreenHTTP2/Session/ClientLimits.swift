internal import CNGHTTP2

/// How much a server may make a client's connection hold.
enum ClientLimits {
  /// How much of one content may have come that nobody has read.
  private static var streamWindow: UInt32 { 262_144 }
  /// The same of all together: some may be read slowly, or not at all for a while, and the others go on.
  private static var connectionWindow: Int32 { 16 << 20 }
  /// How many answers to SETTINGS and PING may wait to be sent.
  private static var waitingAnswers: Int { 100 }
  /// How many frames may follow one HEADERS frame: CVE-2024-28182.
  private static var continuations: Int { 8 }

  static func apply(to options: OpaquePointer?) {
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, waitingAnswers)
    nghttp2_option_set_max_continuations(options, continuations)
  }

  /// The client's connection preface: RFC 9113, 3.4. False where there is no memory.
  static func submitSettings(to session: OpaquePointer, maximumHead: Int) -> Bool {
    let entries = [
      // RFC 9113, 8.4: nothing that was not asked for.
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0),
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: streamWindow),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(clamping: maximumHead)),
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    return nghttp2_submit_settings(session, 0, entries, entries.count) == 0
      && nghttp2_session_set_local_window_size(session, 0, 0, connectionWindow) == 0
  }
}

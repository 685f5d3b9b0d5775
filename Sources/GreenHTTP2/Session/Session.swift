internal import CNGHTTP2

/// nghttp2's side of a connection: frames, HPACK, the states of streams and the flow control. It makes bytes of what is
/// submitted, and calls of the bytes that come; it neither waits nor knows a socket.
final class Session {
  /// Unsafe: nghttp2's own, alive as long as the session.
  let pointer: OpaquePointer

  /// - Parameters:
  ///   - events: told what comes; not retained, and must live as long as the session.
  ///   - limits: see ``SessionLimits``.
  /// - Returns: `nil` where there is no memory.
  init?(_ events: HTTP2Connection, _ limits: SessionLimits) {
    var options: OpaquePointer?
    guard nghttp2_option_new(&options) == 0 else { return nil }
    defer { nghttp2_option_del(options) }
    limits.apply(to: options)
    var session: OpaquePointer?
    let status = nghttp2_session_server_new2(
      &session, SessionCallbacks.shared.pointer, Unmanaged.passUnretained(events).toOpaque(), options)
    guard status == 0, let session else { return nil }
    pointer = session
    guard limits.submitSettings(to: session) else { return nil }
  }

  /// A client's side.
  ///
  /// - Parameters:
  ///   - events: told what comes; not retained, and must live as long as the session.
  ///   - maximumHead: how long a head may be, as RFC 9113, 6.5.2 counts.
  /// - Returns: `nil` where there is no memory.
  init?(client events: ClientConnection, maximumHead: Int) {
    var options: OpaquePointer?
    guard nghttp2_option_new(&options) == 0 else { return nil }
    defer { nghttp2_option_del(options) }
    ClientLimits.apply(to: options)
    var session: OpaquePointer?
    let status = nghttp2_session_client_new2(
      &session, ClientCallbacks.shared.pointer, Unmanaged.passUnretained(events).toOpaque(), options)
    guard status == 0, let session else { return nil }
    pointer = session
    guard ClientLimits.submitSettings(to: session, maximumHead: maximumHead) else { return nil }
  }

  deinit { nghttp2_session_del(pointer) }

  /// Takes received bytes. Returns what is wrong where the connection cannot go on, not even to say so.
  func receive(_ bytes: UnsafeRawBufferPointer) -> SessionFault? {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
    let count = nghttp2_session_mem_recv(pointer, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    return count < 0 ? SessionFault(code: CInt(count)) : nil
  }

  /// The next bytes to send, valid until the next call; `nil` where there are none now.
  func nextOutput() -> UnsafeRawBufferPointer? {
    var bytes: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(pointer, &bytes)
    return count > 0 ? UnsafeRawBufferPointer(start: bytes, count: count) : nil
  }

  /// Whether anything that comes still counts.
  var wantsInput: Bool { nghttp2_session_want_read(pointer) != 0 }
  var wantsOutput: Bool { nghttp2_session_want_write(pointer) != 0 }

  /// Ends a stream at once: RFC 9113, 6.4.
  func reset(_ stream: Int32, _ code: ErrorCode) { nghttp2_submit_rst_stream(pointer, 0, stream, code.rawValue) }

  /// Ends the connection for a fault of the client.
  func terminate(_ code: ErrorCode) { nghttp2_session_terminate_session(pointer, code.rawValue) }

  /// Tells the client that no more requests are wanted, and that those under way are still served: RFC 9113, 6.8.
  func announceEnd() { nghttp2_submit_shutdown_notice(pointer) }

  /// Tells the client which request was the last that is served.
  func end() {
    nghttp2_submit_goaway(
      pointer, 0, nghttp2_session_get_last_proc_stream_id(pointer), ErrorCode.none.rawValue, nil, 0)
  }

  /// So much of what a stream has brought needs no more memory: the client may send as much again.
  func consume(_ stream: Int32, _ count: Int) { nghttp2_session_consume(pointer, stream, count) }

  /// The same, of a stream that is closed.
  func consumeClosed(_ count: Int) { nghttp2_session_consume_connection(pointer, count) }

  /// Lets a stream bring more at once: its handler reads.
  func widen(_ stream: Int32) {
    nghttp2_session_set_local_window_size(pointer, 0, stream, SessionLimits.readWindow)
  }

  /// Whether the client has ended its side of a stream, or the stream is closed.
  func hasEnded(_ stream: Int32) -> Bool { nghttp2_session_get_stream_remote_close(pointer, stream) != 0 }

  /// Goes on with a body that had nothing to send.
  func resume(_ stream: Int32) { nghttp2_session_resume_data(pointer, stream) }
}

/// Why nghttp2 has given a connection up.
struct SessionFault: Error, CustomStringConvertible {
  let code: CInt
  var description: String { String(cString: nghttp2_strerror(code)) }
}

/// RFC 9113, 7.
enum ErrorCode: UInt32 {
  case none = 0
  case protocolError = 1
  case internalError = 2
  case refusedStream = 7
  case cancel = 8
  case enhanceYourCalm = 11
}

internal import CNGHTTP2

/// What nghttp2 calls, as functions of C that hand on to the ``HTTP2Connection``. None of them waits.
final class SessionCallbacks: @unchecked Sendable {
  /// One set for all sessions, each of which copies it. Unsafe: never changed after it was made.
  static let shared = SessionCallbacks()

  let pointer: OpaquePointer?

  private init() {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    pointer = callbacks
    setHeads(callbacks)
    setFrames(callbacks)
    setRest(callbacks)
  }

  private func setHeads(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, owner in
      guard let frame else { return 0 }
      return connection(owner).beganFields(of: frame.pointee.hd.stream_id, isHead: isHead(frame)).status
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, owner in
      let name = UnsafeRawBufferPointer(start: name, count: nameCount)
      let value = UnsafeRawBufferPointer(start: value, count: valueCount)
      return connection(owner).received(name, value).status
    }
    // What is not a field, or not a value of one, RFC 9113, 8.2.1: nghttp2 would pass over it.
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { session, frame, _, _, _, _, _, owner in
      guard let frame else { return 0 }
      connection(owner).receivedInvalidField(of: frame.pointee.hd.stream_id)
      return EventOutcome.resetsStream.status
    }
  }

  private func setFrames(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, head, owner in
      if let head { connection(owner).frameBegins(FrameHead(head.pointee)) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, owner in
      guard let frame else { return 0 }
      connection(owner).received(FrameHead(frame.pointee.hd), isHead: isHead(frame))
      return 0
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, frame, code, owner in
      guard let frame else { return 0 }
      connection(owner).receivedInvalid(FrameHead(frame.pointee.hd), SessionFault(code: code))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, owner in
      guard let frame else { return 0 }
      connection(owner).sent(FrameHead(frame.pointee.hd))
      return 0
    }
  }

  private func setRest(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, owner in
      connection(owner).received(UnsafeRawBufferPointer(start: bytes, count: count), of: stream)
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, _, owner in
      connection(owner).closed(stream)
      return 0
    }
    nghttp2_session_callbacks_set_error_callback2(callbacks) { _, _, text, count, owner in
      guard let text else { return 0 }
      connection(owner).complaint = String(
        decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
      return 0
    }
  }
}

private func connection(_ owner: UnsafeMutableRawPointer?) -> HTTP2Connection {
  Unmanaged<HTTP2Connection>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue()
}

/// Whether a HEADERS frame begins a request; otherwise it has the fields after a body.
private func isHead(_ frame: UnsafePointer<nghttp2_frame>) -> Bool {
  frame.pointee.hd.type == FrameHead.headers && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
}

/// What nghttp2 is told to do after a call.
enum EventOutcome {
  case goesOn, resetsStream

  var status: CInt {
    switch self {
    case .goesOn: 0
    case .resetsStream: NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
  }
}

/// What every frame begins with: RFC 9113, 4.1.
struct FrameHead {
  let type: UInt8
  let flags: UInt8
  let stream: Int32
  let length: Int

  init(_ head: nghttp2_frame_hd) {
    (type, flags, stream, length) = (head.type, head.flags, head.stream_id, head.length)
  }

  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let settings: UInt8 = 4
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8

  var endsStream: Bool { (type == Self.data || type == Self.headers) && flags & 1 != 0 }
}

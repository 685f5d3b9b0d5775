internal import CNGHTTP2

/// What nghttp2 calls for a client, as functions of C that hand on to the ``ClientConnection``. None of them waits.
///
/// Unsafe as `Sendable`: never changed after it was made.
final class ClientCallbacks: @unchecked Sendable {
  /// One set for all sessions, each of which copies it.
  static let shared = ClientCallbacks()

  let pointer: OpaquePointer?

  private init() {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    pointer = callbacks
    setHeads(callbacks)
    setRest(callbacks)
  }

  private func setHeads(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, owner in
      if let frame { connection(owner).beganFields(of: frame.pointee.hd.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, _, name, nameCount, value, valueCount, _, owner in
      let name = UnsafeRawBufferPointer(start: name, count: nameCount)
      let value = UnsafeRawBufferPointer(start: value, count: valueCount)
      return connection(owner).received(name, value).status
    }
    // What is not a field, or not a value of one, RFC 9113, 8.2.1: nghttp2 would pass over it.
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, frame, _, _, _, _, _, owner in
      guard let frame else { return 0 }
      connection(owner).receivedInvalidField(of: frame.pointee.hd.stream_id)
      return EventOutcome.resetsStream.status
    }
  }

  private func setRest(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, owner in
      if let frame { connection(owner).received(FrameHead(frame.pointee.hd)) }
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, owner in
      connection(owner).received(UnsafeRawBufferPointer(start: bytes, count: count), of: stream)
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, owner in
      connection(owner).closed(stream, code)
      return 0
    }
  }
}

private func connection(_ owner: UnsafeMutableRawPointer?) -> ClientConnection {
  Unmanaged<ClientConnection>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue()
}

/// Unsafe: nghttp2 asks for the body of a stream only until it has told that the stream is closed, and the connection holds the
/// stream until then.
let takeUpload: nghttp2_data_source_read_callback = { _, _, buffer, count, flags, source, _ in
  guard let source = source?.pointee.ptr, let buffer, let flags else { return 0 }
  let stream = Unmanaged<ClientStream>.fromOpaque(source).takeUnretainedValue()
  switch stream.takeUpload(into: UnsafeMutableRawBufferPointer(start: buffer, count: count)) {
  case .nothingYet: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  case .bytes(let count, let isLast):
    if isLast { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    // They end the stream.
    if isLast && stream.submitTrailers() { flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
    return count
  }
}

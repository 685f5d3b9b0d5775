internal import CNGHTTP2
internal import HTTPTypes

/// What a server says.
extension Session {
  /// Hands an answer over.
  ///
  /// - Parameter source: where its body comes from, which lives as long as the stream; `nil` for none.
  func submit(_ fields: FieldBlock, _ source: HTTP2Stream?, to stream: Int32) {
    fields.withFields { fields in
      guard let source else {
        nghttp2_submit_response(pointer, stream, fields.baseAddress, fields.count, nil)
        return
      }
      var provider = nghttp2_data_provider()
      provider.source.ptr = Unmanaged.passUnretained(source).toOpaque()
      provider.read_callback = takeBody
      nghttp2_submit_response(pointer, stream, fields.baseAddress, fields.count, &provider)
    }
  }

  /// Hands an interim answer over: RFC 9110, 15.2.
  func submitInterim(_ stream: Int32, status: Int, _ more: HTTPFields, _ fields: FieldBlock) {
    fields.begin(status: status)
    fields.add(more)
    fields.withFields { fields in
      _ = nghttp2_submit_headers(pointer, 0, stream, nil, fields.baseAddress, fields.count, nil)
    }
  }
}

extension Session {
  /// Hands the fields over that follow a body.
  func submitTrailers(_ stream: Int32, _ trailers: HTTPFields, _ fields: FieldBlock) {
    fields.begin()
    fields.add(trailers)
    fields.withFields { fields in
      _ = nghttp2_submit_trailer(pointer, stream, fields.baseAddress, fields.count)
    }
  }
}

/// Unsafe: nghttp2 asks for the body of a stream only until it has told that the stream is closed, and the connection holds
/// the stream until then.
private let takeBody: nghttp2_data_source_read_callback = { _, _, buffer, count, flags, source, _ in
  guard let source = source?.pointee.ptr, let buffer, let flags else { return 0 }
  let stream = Unmanaged<HTTP2Stream>.fromOpaque(source).takeUnretainedValue()
  switch stream.outgoing.take(into: UnsafeMutableRawBufferPointer(start: buffer, count: count)) {
  case .nothingYet: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  case .bytes(let count, let isLast):
    if isLast { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    if isLast, !stream.outgoing.trailers.isEmpty, let connection = stream.connection {
      // They end the stream.
      flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      connection.session.submitTrailers(stream.id, stream.outgoing.trailers, connection.fields)
    }
    return count
  }
}

internal import CNGHTTP2

/// What a client says.
extension Session {
  /// Hands a request over.
  ///
  /// - Parameter source: where its body comes from, which lives as long as the stream; `nil` for none.
  /// - Returns: the stream's number; below 0 where there can be no more.
  func submit(_ fields: FieldBlock, _ source: ClientStream?) -> Int32 {
    fields.withFields { fields in
      guard let source else {
        return nghttp2_submit_request(pointer, nil, fields.baseAddress, fields.count, nil, nil)
      }
      var provider = nghttp2_data_provider()
      provider.source.ptr = Unmanaged.passUnretained(source).toOpaque()
      provider.read_callback = takeUpload
      return nghttp2_submit_request(pointer, nil, fields.baseAddress, fields.count, &provider, nil)
    }
  }
}

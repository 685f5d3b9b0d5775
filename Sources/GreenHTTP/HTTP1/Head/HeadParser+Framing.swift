extension HeadParser {
  /// What is wrong with a head that is well-formed line by line: the rules about the message as a whole.
  func fault(version: HTTPVersion, limits: HTTPLimits) -> HeadFault? {
    if notices.contains(.transferEncoding) {
      if let fault = transferEncodingFault(version) { return fault }
    }
    // RFC 9112, 3.2; HTTP/1.0 knew no Host.
    if version == .http1_1 && !notices.contains(.host) { return .hostMissing }
    if notices.contains(.expectOther) { return .expectation }
    return nil
  }

  /// What is wrong with a `Transfer-Encoding` that was noticed.
  func transferEncodingFault(_ version: HTTPVersion) -> HeadFault? {
    // RFC 9112, 6.3: both may be an attempt to smuggle a request past a proxy.
    if contentLength >= 0 { return .contentLengthAndTransferEncoding }
    // RFC 9112, 6.1: a proxy that knows no better passes it on, and takes the chunks for something else.
    if version == .http1_0 { return .transferEncodingVersion }
    // RFC 9112, 6.3: nobody can tell where the body ends.
    if !notices.contains(.endsInChunked) { return .transferEncoding }
    if notices.contains(.otherCoding) { return .transferCoding }
    return notices.contains(.chunked) ? nil : .transferEncoding
  }
}

extension HeadParser {
  /// What is wrong with a head that is well-formed line by line: the rules about the message as a whole.
  func fault(version: HTTPVersion, limits: HTTPLimits) -> HeadFault? {
    if notices.contains(.transferEncoding) {
      // RFC 9112, 6.3: both may be an attempt to smuggle a request past a proxy.
      return contentLength >= 0 ? .contentLengthAndTransferEncoding : .transferEncoding
    }
    // RFC 9112, 3.2; HTTP/1.0 knew no Host.
    if version == .http1_1 && !notices.contains(.host) { return .hostMissing }
    if notices.contains(.expectOther) { return .expectation }
    if limits.body > 0 && contentLength > limits.body { return .bodyTooLong }
    return nil
  }
}

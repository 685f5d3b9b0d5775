internal import HTTPTypes

extension Response {
  /// Whether the handler asks for the end of the connection with `Connection: close`.
  package var asksToClose: Bool {
    guard var value = headers[.connection] else { return false }
    return value.withUTF8 { bytes in
      guard let base = UnsafeRawPointer(bytes.baseAddress) else { return false }
      var found = false
      forEachToken(base, count: bytes.count) { token, count in
        if matchesIgnoringCase(token, count: count, "close") { found = true }
      }
      return found
    }
  }

  /// The length a handler stated itself; `nil` when it is none.
  package var statedContentLength: Int? {
    guard let text = headers[.contentLength], let length = Int(text), length >= 0, !text.hasPrefix("+") else {
      return nil
    }
    return length
  }
}

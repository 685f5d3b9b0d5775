extension NamedValues {
  /// What bytes in the form of a query say: `application/x-www-form-urlencoded` of the URL standard, 5.1. Nothing is malformed
  /// there: an escape that is not one stays as it is, and what is not UTF-8 becomes U+FFFD.
  ///
  /// - Parameter most: how many pairs there may be.
  /// - Returns: `nil` where there are more.
  package init?(urlEncoded bytes: UnsafeRawBufferPointer, most: Int = .max) {
    self.init()
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
      if end > start {
        if elements.count == most { return nil }
        append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      }
      start = end + 1
    }
  }

  private mutating func append(_ pair: UnsafeRawBufferPointer) {
    let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count
    append(
      PercentEncoding.decodedFormText(UnsafeRawBufferPointer(rebasing: pair[..<mark])),
      PercentEncoding.decodedFormText(UnsafeRawBufferPointer(rebasing: pair[min(mark + 1, pair.count)...])))
  }
}

extension Request {
  /// The fields of the query, decoded: none where there is no query. Made anew each time it is asked for.
  public var query: NamedValues {
    let length = storage.state.pointee.head.queryLength
    guard length > 0 else { return NamedValues() }
    return NamedValues(urlEncoded: storage.bytes(storage.state.pointee.head.query, length)) ?? NamedValues()
  }
}

extension RequestHead {
  /// RFC 9112, 3.2: more than one `Host`, or one that is not a host, is answered with 400. An empty one is for targets that
  /// have no authority.
  @inline(__always)
  mutating func noticeHost(_ value: UnsafeRawPointer, _ count: Int) -> HeadFault? {
    if notices.contains(.host) { return .hostTwice }
    notices.insert(.host)
    return count == 0 || Authority.isWellFormed(value, count: count) ? nil : .host
  }

  /// RFC 9112, 6.3: digits only, and once. Two that are equal could be taken for one, but no honest client sends them.
  mutating func noticeContentLength(_ value: UnsafeRawPointer, _ count: Int) -> HeadFault? {
    if contentLength >= 0 { return .contentLengthTwice }
    guard count > 0 else { return .contentLength }
    var length = 0
    for index in 0..<count {
      let digit = value.load(fromByteOffset: index, as: UInt8.self) &- 0x30
      guard digit < 10 else { return .contentLength }
      let (product, overflow) = length.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit))
      if overflow || carry { return .contentLength }
      length = sum
    }
    contentLength = length
    return nil
  }

  /// RFC 9110, 10.1.1: `100-continue` is the only expectation there is. An empty list expects nothing.
  mutating func noticeExpectation(_ value: UnsafeRawPointer, _ count: Int) {
    if count == 0 { return }
    notices.insert(matchesIgnoringCase(value, count: count, "100-continue") ? .expectContinue : .expectOther)
  }

  /// RFC 9110, 7.6.1: a list of tokens in any case, of which `close` and `keep-alive` mean something here.
  mutating func noticeConnection(_ value: UnsafeRawPointer, _ count: Int) {
    forEachToken(value, count: count) { token, length in
      if matchesIgnoringCase(token, count: length, "close") { notices.insert(.close) }
      if matchesIgnoringCase(token, count: length, "keep-alive") { notices.insert(.keepAlive) }
    }
  }
}

/// Calls `body` with each element of a comma-separated list, blanks around it removed (RFC 9110, 5.6.1).
@inline(__always)
func forEachToken(_ list: UnsafeRawPointer, count: Int, _ body: (UnsafeRawPointer, Int) -> Void) {
  func byte(_ index: Int) -> UInt8 { list.load(fromByteOffset: index, as: UInt8.self) }
  var start = 0
  while start < count {
    var end = start
    while end < count, byte(end) != 0x2c { end += 1 }
    var first = start
    var last = end
    while first < last, byte(first) == 0x20 || byte(first) == 0x09 { first += 1 }
    while last > first, byte(last - 1) == 0x20 || byte(last - 1) == 0x09 { last -= 1 }
    if last > first { body(list + first, last - first) }
    start = end + 1
  }
}

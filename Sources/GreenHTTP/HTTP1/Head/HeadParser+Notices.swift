extension HeadParser {
  /// RFC 9112, 3.2: more than one `Host`, or one that is not a host, is answered with 400. An empty one is for targets that
  /// have no authority.
  @inline(__always)
  mutating func noticeHost(_ value: UnsafeRawPointer, _ count: Int) -> HeadFault? {
    if notices.contains(.host) { return .hostTwice }
    notices.insert(.host)
    return count == 0 || Authority.isWellFormed(value, count: count) ? nil : .host
  }

  /// RFC 9112, 6.3: once. Two that are equal could be taken for one, but no honest client sends them.
  mutating func noticeContentLength(_ value: UnsafeRawPointer, _ count: Int) -> HeadFault? {
    if contentLength >= 0 { return .contentLengthTwice }
    guard let length = ContentLength.parse(value, count: count) else { return .contentLength }
    contentLength = length
    return nil
  }

  /// RFC 9112, 6.1: `chunked` is the only coding known here, and given once, with nothing before or after it.
  mutating func noticeTransferEncoding(_ value: UnsafeRawPointer, _ count: Int) {
    if matchesIgnoringCase(value, count: count, "chunked") {
      // A second one is not the only one.
      if notices.contains(.transferEncoding) { notices.remove(.chunked) } else { notices.insert(.chunked) }
      notices.insert(.endsInChunked)
    } else {
      notices.remove(.chunked)
      // A field that is given again goes on with the list (RFC 9110, 5.3).
      forEachToken(value, count: count) { token, length in
        if matchesIgnoringCase(token, count: length, "chunked") {
          notices.insert(.endsInChunked)
        } else {
          notices.remove(.endsInChunked)
          notices.insert(.otherCoding)
        }
      }
    }
    notices.insert(.transferEncoding)
  }

  /// RFC 9110, 10.1.1: `100-continue` is the only expectation there is. An empty list expects nothing.
  mutating func noticeExpectation(_ value: UnsafeRawPointer, _ count: Int) {
    if count == 0 { return }
    notices.insert(matchesIgnoringCase(value, count: count, "100-continue") ? .expectContinue : .expectOther)
  }

  /// `X-Forwarded-For` and the others that begin so.
  @inline(__always)
  mutating func noticeForwarding(_ name: UnsafeRawPointer) {
    if matchesIgnoringCase(name, count: 12, "x-forwarded-") { notices.insert(.forwarding) }
  }

  /// RFC 9110, 7.6.1: a list of tokens in any case, of which `close` and `keep-alive` mean something here.
  mutating func noticeConnection(_ value: UnsafeRawPointer, _ count: Int) {
    forEachToken(value, count: count) { token, length in
      if matchesIgnoringCase(token, count: length, "close") { notices.insert(.close) }
      if matchesIgnoringCase(token, count: length, "keep-alive") { notices.insert(.keepAlive) }
    }
  }
}

internal import Glibc

extension RequestHead {
  /// `method SP request-target SP HTTP-version` (RFC 9112, 3), separated by exactly one space each.
  mutating func parseRequestLine(_ base: UnsafeRawPointer, line: Int, length: Int) -> HeadFault? {
    let end = line + length
    if let fault = parseMethodAndTarget(base, line: line, end: end) { return fault }
    let cursor = target + targetLength
    guard cursor < end else { return .versionForm }
    guard base.load(fromByteOffset: cursor, as: UInt8.self) == 0x20 else { return .target }
    if let fault = parseVersion(base, at: cursor + 1, end: end) {
      if fault == .versionUnsupported { noteRefused(base) }
      return fault
    }
    if method == .connect {
      noteRefused(base)
      return .connectMethod
    }
    return parseTarget(base)
  }

  /// Notes what is known of a request line that is too long: its method, and of its target what is within the limit.
  @inline(never)
  mutating func parseCutRequestLine(_ base: UnsafeRawPointer, line: Int, length: Int) {
    start = line
    guard parseMethodAndTarget(base, line: line, end: line + length) == nil else { return }
    version = .unknown
    noteRefused(base)
  }

  /// The request line is known well enough for those who answer a request that is refused for it. A target in a form that
  /// is served nowhere is its own path.
  private mutating func noteRefused(_ base: UnsafeRawPointer) {
    hasRequestLine = true
    if method != .connect && parseTarget(base) == nil { return }
    (path, pathLength, queryLength, authorityLength) = (target, targetLength, -1, -1)
  }

  @inline(__always)
  private mutating func parseMethodAndTarget(_ base: UnsafeRawPointer, line: Int, end: Int) -> HeadFault? {
    if end - line > 4 && matches(base + line, "GET ") {
      methodLength = 3
      method = .get
    } else if let fault = parseMethod(base, line: line, end: end) {
      return fault
    }
    target = line + methodLength + 1
    var cursor = target
    // Only visible ASCII: all else must be percent-encoded (RFC 3986, 2). A fragment is never sent (RFC 9110, 7.1).
    while cursor < end {
      let byte = base.load(fromByteOffset: cursor, as: UInt8.self)
      if byte &- 0x21 >= 0x5e || byte == 0x23 { break }
      cursor += 1
    }
    targetLength = cursor - target
    return targetLength > 0 ? nil : .requestLine
  }

  /// The method and the space after it.
  private mutating func parseMethod(_ base: UnsafeRawPointer, line: Int, end: Int) -> HeadFault? {
    var cursor = line
    while cursor < end, ByteClass.token.contains(base.load(fromByteOffset: cursor, as: UInt8.self)) { cursor += 1 }
    guard cursor > line, cursor < end, base.load(fromByteOffset: cursor, as: UInt8.self) == 0x20 else {
      return cursor == end ? .requestLine : .method
    }
    methodLength = cursor - line
    method = KnownMethod(name: base + line, count: methodLength)
    return nil
  }

  /// `HTTP/1.1`, exactly so (RFC 9112, 2.3): the name is case-sensitive, the numbers are single digits.
  @inline(__always)
  private mutating func parseVersion(_ base: UnsafeRawPointer, at offset: Int, end: Int) -> HeadFault? {
    guard end - offset == 8, matches(base + offset, "HTTP/"),
      base.load(fromByteOffset: offset + 6, as: UInt8.self) == 0x2e
    else { return .versionForm }
    let major = base.load(fromByteOffset: offset + 5, as: UInt8.self) &- 0x30
    let minor = base.load(fromByteOffset: offset + 7, as: UInt8.self) &- 0x30
    guard major < 10, minor < 10 else { return .versionForm }
    guard major == 1 else {
      version = HTTPVersion(major: major, minor: minor)
      return .versionUnsupported
    }
    // RFC 9110, 2.5: a minor version that is not known is taken for the highest of the same major one that is.
    version = minor >= 1 ? .http1_1 : .http1_0
    return nil
  }

  /// Finds path and query in one of the forms of RFC 9112, 3.2. `CONNECT` and its authority form are refused.
  @inline(__always)
  private mutating func parseTarget(_ base: UnsafeRawPointer) -> HeadFault? {
    path = target
    let end = target + targetLength
    let first = base.load(fromByteOffset: target, as: UInt8.self)
    if first != 0x2f {
      if first == 0x2a, targetLength == 1 {
        pathLength = 1
        return method == .options ? nil : .target
      }
      if let fault = skipAuthority(base, end: end) { return fault }
    }
    if let mark = memchr(base + path, 0x3f, end - path) {
      query = UnsafeRawPointer(mark) - base + 1
      queryLength = end - query
      pathLength = query - 1 - path
    } else {
      pathLength = end - path
    }
    return nil
  }

  /// Steps over `http://authority` of an absolute form, which every server must accept (RFC 9112, 3.2.2). An empty path
  /// stays empty; ``Request`` takes it for `/`.
  @inline(never)
  private mutating func skipAuthority(_ base: UnsafeRawPointer, end: Int) -> HeadFault? {
    var scheme = 0
    if targetLength > 7, matchesIgnoringCase(base + target, count: 7, "http://") { scheme = 7 }
    if targetLength > 8, matchesIgnoringCase(base + target, count: 8, "https://") { scheme = 8 }
    guard scheme > 0 else { return .target }
    authority = target + scheme
    var cursor = authority
    while cursor < end, ![0x2f, 0x3f].contains(base.load(fromByteOffset: cursor, as: UInt8.self)) { cursor += 1 }
    authorityLength = cursor - authority
    path = cursor
    return Authority.isWellFormed(base + authority, count: authorityLength) ? nil : .target
  }
}

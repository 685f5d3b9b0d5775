internal import Glibc

extension RequestHead {
  /// How many of the bytes from `offset` to `end` can belong to a target: only visible ASCII, since all else must be
  /// percent-encoded (RFC 3986, 2), and no fragment, which is never sent (RFC 9110, 7.1).
  @inline(__always)
  static func targetLength(_ base: UnsafeRawPointer, from offset: Int, to end: Int) -> Int {
    var cursor = offset
    while cursor &+ 8 <= end {
      let length = ByteWord(base + cursor).targetLength
      cursor &+= length
      if length < 8 { return cursor &- offset }
    }
    while cursor < end {
      let byte = base.load(fromByteOffset: cursor, as: UInt8.self)
      if byte &- 0x21 >= 0x5e || byte == 0x23 { break }
      cursor += 1
    }
    return cursor - offset
  }

  /// Finds path and query of the target in one of the forms of RFC 9112, 3.2, of which other versions of HTTP have the first
  /// and the last. `CONNECT` and its authority form are refused.
  @inline(__always)
  mutating func parseTarget(_ base: UnsafeRawPointer) -> HeadFault? {
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

extension HeadParser {
  /// `method SP request-target SP HTTP-version` (RFC 9112, 3), separated by exactly one space each.
  mutating func parseRequestLine(
    _ base: UnsafeRawPointer, line: Int, length: Int, into head: inout RequestHead
  ) -> HeadFault? {
    let end = line + length
    if let fault = parseMethodAndTarget(base, line: line, end: end, &head) { return fault }
    let cursor = head.target + head.targetLength
    guard cursor < end else { return .versionForm }
    guard base.load(fromByteOffset: cursor, as: UInt8.self) == 0x20 else { return .target }
    if let fault = parseVersion(base, at: cursor + 1, end: end, &head) {
      if fault == .versionUnsupported { noteRefused(base, &head) }
      return fault
    }
    if head.method == .connect {
      noteRefused(base, &head)
      return .connectMethod
    }
    return head.parseTarget(base)
  }

  /// Notes what is known of a request line that is too long: its method, and of its target what is within the limit.
  @inline(never)
  mutating func parseCutRequestLine(
    _ base: UnsafeRawPointer, line: Int, length: Int, into head: inout RequestHead
  ) {
    head.start = line
    guard parseMethodAndTarget(base, line: line, end: line + length, &head) == nil else { return }
    head.version = .unknown
    noteRefused(base, &head)
  }

  /// The request line is known well enough for those who answer a request that is refused for it. A target in a form that
  /// is served nowhere is its own path.
  private mutating func noteRefused(_ base: UnsafeRawPointer, _ head: inout RequestHead) {
    hasRequestLine = true
    if head.method != .connect && head.parseTarget(base) == nil { return }
    (head.path, head.pathLength, head.queryLength, head.authorityLength) = (head.target, head.targetLength, -1, -1)
  }

  @inline(__always)
  private func parseMethodAndTarget(
    _ base: UnsafeRawPointer, line: Int, end: Int, _ head: inout RequestHead
  ) -> HeadFault? {
    if end - line > 4 && matches(base + line, "GET ") {
      head.methodLength = 3
      head.method = .get
    } else if let fault = parseMethod(base, line: line, end: end, &head) {
      return fault
    }
    head.target = line + head.methodLength + 1
    head.targetLength = RequestHead.targetLength(base, from: head.target, to: end)
    return head.targetLength > 0 ? nil : .requestLine
  }

  /// The method and the space after it.
  private func parseMethod(
    _ base: UnsafeRawPointer, line: Int, end: Int, _ head: inout RequestHead
  ) -> HeadFault? {
    var cursor = line
    while cursor < end, ByteClass.token.contains(base.load(fromByteOffset: cursor, as: UInt8.self)) { cursor += 1 }
    guard cursor > line, cursor < end, base.load(fromByteOffset: cursor, as: UInt8.self) == 0x20 else {
      return cursor == end ? .requestLine : .method
    }
    head.methodLength = cursor - line
    head.method = KnownMethod(name: base + line, count: head.methodLength)
    return nil
  }

  /// `HTTP/1.1`, exactly so (RFC 9112, 2.3): the name is case-sensitive, the numbers are single digits.
  @inline(__always)
  private func parseVersion(
    _ base: UnsafeRawPointer, at offset: Int, end: Int, _ head: inout RequestHead
  ) -> HeadFault? {
    guard end - offset == 8, matches(base + offset, "HTTP/"),
      base.load(fromByteOffset: offset + 6, as: UInt8.self) == 0x2e
    else { return .versionForm }
    let major = base.load(fromByteOffset: offset + 5, as: UInt8.self) &- 0x30
    let minor = base.load(fromByteOffset: offset + 7, as: UInt8.self) &- 0x30
    guard major < 10, minor < 10 else { return .versionForm }
    guard major == 1 else {
      head.version = HTTPVersion(major: major, minor: minor)
      return .versionUnsupported
    }
    // RFC 9110, 2.5: a minor version that is not known is taken for the highest of the same major one that is.
    head.version = minor >= 1 ? .http1_1 : .http1_0
    return nil
  }
}

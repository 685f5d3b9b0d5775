extension HeadParser {
  /// `field-name ":" OWS field-value OWS` (RFC 9112, 5).
  @inline(__always)
  mutating func parseField(
    _ base: UnsafeRawPointer, line: Int, length: Int, into head: inout RequestHead, limits: HTTPLimits
  ) -> HeadFault? {
    let end = line + length
    var cursor = line
    while cursor &+ 8 <= end {
      let length = ByteWord(base + cursor).nameLength
      cursor &+= length
      if length < 8 { break }
    }
    while cursor < end, ByteClass.token.contains(base.load(fromByteOffset: cursor, as: UInt8.self)) { cursor &+= 1 }
    let nameLength = cursor - line
    // A space before the colon has let requests be smuggled past proxies (RFC 9112, 5.1); it is not a token character.
    guard nameLength > 0, cursor < end, base.load(fromByteOffset: cursor, as: UInt8.self) == 0x3a else {
      let first = base.load(fromByteOffset: line, as: UInt8.self)
      return first == 0x20 || first == 0x09 ? .obsoleteFolding : .fieldName
    }
    var value = cursor + 1
    var valueEnd = end
    while value < valueEnd, isBlank(base, value) { value += 1 }
    while valueEnd > value, isBlank(base, valueEnd - 1) { valueEnd -= 1 }
    let valueLength = valueEnd - value
    guard isFieldValue(base + value, count: valueLength) else { return .fieldValue }
    guard head.fields.count < limits.fields, head.fields.count < FieldTable.most else { return .tooManyFields }
    head.fields.append(
      FieldRange(
        name: UInt32(truncatingIfNeeded: line), nameLength: UInt32(truncatingIfNeeded: nameLength),
        value: UInt32(truncatingIfNeeded: value), valueLength: UInt32(truncatingIfNeeded: valueLength)))

    let name = base + line
    switch nameLength {
    case 4: if matchesIgnoringCase(name, count: 4, "host") { return noticeHost(base + value, valueLength) }
    case 6: if matchesIgnoringCase(name, count: 6, "expect") { noticeExpectation(base + value, valueLength) }
    case 9: if matchesIgnoringCase(name, count: 9, "forwarded") { notices.insert(.forwarding) }
    case 10: if matchesIgnoringCase(name, count: 10, "connection") { noticeConnection(base + value, valueLength) }
    case 12: if matchesIgnoringCase(name, count: 12, "x-request-id") { notices.insert(.forwarding) }
    case 14:
      if matchesIgnoringCase(name, count: 14, "content-length") {
        return noticeContentLength(base + value, valueLength)
      }
    case 17:
      if matchesIgnoringCase(name, count: 17, "transfer-encoding") { noticeTransferEncoding(base + value, valueLength) }
      noticeForwarding(name)
    case 15, 16, 18: noticeForwarding(name)
    default: break
    }
    return nil
  }

  @inline(__always)
  private func isBlank(_ base: UnsafeRawPointer, _ offset: Int) -> Bool {
    let byte = base.load(fromByteOffset: offset, as: UInt8.self)
    return byte == 0x20 || byte == 0x09
  }
}

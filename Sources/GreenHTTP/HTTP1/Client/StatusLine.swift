/// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112, 4). Some servers leave out the last space where there is no
/// reason.
struct StatusLine {
  let version: HTTPVersion
  let code: Int
  let reason: String

  /// What every answer of HTTP/1 begins with.
  private static var start: StaticString { "HTTP/1." }

  /// Whether the bytes can be the beginning of one: what is not, such as another protocol's greeting, may never have an end.
  static func mayBegin(with bytes: UnsafeRawBufferPointer) -> Bool {
    let wanted = UnsafeBufferPointer(start: start.utf8Start, count: start.utf8CodeUnitCount)
    return zip(bytes, wanted).allSatisfy { $0 == $1 }
  }

  /// Reads a line, its end left out. `nil` where it is malformed.
  init?(_ line: UnsafeRawBufferPointer) {
    guard line.count >= 12, Self.mayBegin(with: line), let base = line.baseAddress, line[8] == 0x20 else { return nil }
    let minor = line[7] &- 0x30
    guard minor < 10, let code = ContentLength.parse(base + 9, count: 3), code >= 100 else { return nil }
    let reason = UnsafeRawBufferPointer(rebasing: line[min(13, line.count)...])
    guard line.count == 12 || line[12] == 0x20, isFieldValue(base + line.count - reason.count, count: reason.count)
    else {
      return nil
    }
    // RFC 9110, 2.5: a minor version that is not known is taken for the highest of the same major one that is.
    version = minor >= 1 ? .http1_1 : .http1_0
    self.code = code
    self.reason = String(fieldValue: reason)
  }
}

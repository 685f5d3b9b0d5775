internal import HTTPTypes

/// Of which trace a request is a part: W3C's Trace Context, <https://www.w3.org/TR/trace-context/>.
///
/// As text it is the field `traceparent`: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
public struct TraceContext: Sendable, Hashable, CustomStringConvertible {
  /// The trace, 32 hexadecimal digits in lower case, not all of them 0.
  public let traceID: String
  /// The caller's part of it, 16 such digits, not all of them 0.
  public let parentID: String
  /// What the caller says of the trace; of the bits one is known, ``isSampled``.
  public let flags: UInt8

  /// Whether the caller may have recorded its part.
  public var isSampled: Bool { flags & 1 != 0 }

  /// Reads a field `traceparent`; `nil` for what is not one. Of a version that comes after 00, what is known is taken.
  public init?(_ text: some StringProtocol) {
    let parts = text.pieces(between: "-").map { String($0) }
    guard parts.count >= 4, let version = Self.number(parts[0], digits: 2), version != 0xff,
      parts.count == 4 || version > 0, Self.isIdentifier(parts[1], digits: 32),
      Self.isIdentifier(parts[2], digits: 16), let flags = Self.number(parts[3], digits: 2)
    else { return nil }
    traceID = parts[1]
    parentID = parts[2]
    self.flags = flags
  }

  public var description: String {
    "00-\(traceID)-\(parentID)-\(flags < 16 ? "0" : "")\(String(flags, radix: 16))"
  }

  private static func number(_ text: String, digits: Int) -> UInt8? {
    isHexadecimal(text, digits: digits) ? UInt8(text, radix: 16) : nil
  }

  private static func isIdentifier(_ text: String, digits: Int) -> Bool {
    isHexadecimal(text, digits: digits) && text.utf8.contains { $0 != UInt8(ascii: "0") }
  }

  private static func isHexadecimal(_ text: String, digits: Int) -> Bool {
    text.utf8.count == digits
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}

extension Request {
  /// Of which trace the request is a part, as its field `traceparent` says; `nil` where there is none that can be read. Whoever
  /// asks may say what it likes there.
  public var traceContext: TraceContext? { header(.traceparent).flatMap { TraceContext($0) } }
}

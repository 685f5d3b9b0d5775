/// What tells one state of a resource from another: `ETag` of RFC 9110, 8.8.3.
///
/// Of two answers with the same strong tag every byte is the same; of two with the same weak one either will do for the
/// other.
public struct EntityTag: Sendable, Hashable, CustomStringConvertible {
  /// What stands between the quotes.
  public let value: String
  /// Whether it is a weak one, `W/"…"`.
  public let isWeak: Bool

  /// A tag. Bytes that cannot stand between the quotes are written as `%` and two digits.
  public init(_ value: String, isWeak: Bool = false) {
    self.isWeak = isWeak
    guard !value.utf8.allSatisfy(Self.isAllowed) else {
      self.value = value
      return
    }
    var escaped: [UInt8] = []
    for byte in value.utf8 {
      if Self.isAllowed(byte) {
        escaped.append(byte)
      } else {
        escaped += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      }
    }
    self.value = String(decoding: escaped, as: UTF8.self)
  }

  /// `etagc` of RFC 9110, 8.8.3.
  static func isAllowed(_ byte: UInt8) -> Bool { byte == 0x21 || (byte >= 0x23 && byte != 0x7f) }

  /// As a field has it: `"abc"`, `W/"abc"`.
  public var description: String { isWeak ? "W/\"\(value)\"" : "\"\(value)\"" }

  /// Strong comparison (RFC 9110, 8.8.3.2): both are strong, and the same.
  public func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && value == other.value }

  /// Weak comparison (RFC 9110, 8.8.3.2): the same, strong or weak.
  public func matchesWeakly(_ other: EntityTag) -> Bool { value == other.value }
}

extension EntityTag {
  /// The tag that a field's value says; `nil` where it is not one.
  public init?(field value: String) {
    var tags = EntityTags(value)
    guard let tag = tags.next(), tags.isAtEnd else { return nil }
    self = tag
  }
}

/// The tags of `If-Match` and `If-None-Match`, one after the other. What follows one that is malformed is not read.
package struct EntityTags {
  private var rest: Substring.UTF8View

  package init(_ field: String) { rest = Substring(field).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next tag.
  package mutating func next() -> EntityTag? {
    rest = rest.drop { $0 == 0x2c || $0 == 0x20 || $0 == 0x09 }
    let isWeak = rest.starts(with: "W/".utf8)
    if isWeak { rest = rest.dropFirst(2) }
    guard rest.first == 0x22 else { return nil }
    let value = rest.dropFirst().prefix(while: EntityTag.isAllowed)
    let end = rest.dropFirst(1 + value.count)
    guard end.first == 0x22 else { return nil }
    rest = end.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
    return EntityTag(String(Substring(value)), isWeak: isWeak)
  }
}

/// What a field's value must be. See ``Validated``.
///
/// ```swift
/// extension Rule where Value == String {
///   static var slug: Rule { Rule("must be letters, digits and hyphens") { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } } }
/// }
/// ```
public struct Rule<Value>: Sendable {
  /// What is said where it does not hold, to be read after the field's name.
  public let message: String
  let holds: @Sendable (Value) -> Bool

  /// A rule.
  public init(_ message: String, _ holds: @escaping @Sendable (Value) -> Bool) {
    self.message = message
    self.holds = holds
  }
}

extension Rule where Value: Collection & SendableMetatype {
  /// So many elements: of a text, Unicode scalars, as `varchar(n)` and JSON Schema count. A character that a person sees can have
  /// any number of these.
  public static func count(_ range: ClosedRange<Int>) -> Rule {
    Rule("must have \(range.lowerBound) to \(range.upperBound) \(what)") { range.contains(count(of: $0)) }
  }

  /// At least so many elements: of a text, Unicode scalars.
  public static func count(_ range: PartialRangeFrom<Int>) -> Rule {
    Rule("must have at least \(range.lowerBound) \(what)") { range.contains(count(of: $0)) }
  }

  /// Something.
  public static var notEmpty: Rule { Rule("must not be empty") { !$0.isEmpty } }

  private static var what: String { Value.self == String.self ? "characters" : "elements" }

  private static func count(of value: Value) -> Int { (value as? String)?.unicodeScalars.count ?? value.count }
}

extension Rule where Value: Comparable & Sendable & SendableMetatype {
  /// Within two bounds.
  public static func range(_ range: ClosedRange<Value>) -> Rule {
    Rule("must be between \(range.lowerBound) and \(range.upperBound)") { range.contains($0) }
  }

  /// Not below a bound.
  public static func range(_ range: PartialRangeFrom<Value>) -> Rule {
    Rule("must be at least \(range.lowerBound)") { range.contains($0) }
  }
}

extension Rule where Value: Equatable & Sendable & SendableMetatype {
  /// One of some values.
  public static func oneOf(_ values: Value...) -> Rule {
    Rule("must be one of \(values.map { "\($0)" }.joined(separator: ", "))") { values.contains($0) }
  }
}

extension Rule where Value == String {
  /// What the HTML standard, 4.10.5.1.5, takes for a mail address.
  public static var email: Rule {
    Rule("must be a mail address") { text in
      let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy(\.isOfMailName) else { return false }
      let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      return labels.allSatisfy { label in
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
          && label.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
      }
    }
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool { (self | 0x20) &- 0x61 < 26 || self &- 0x30 < 10 }
  fileprivate var isOfMailName: Bool { isLetterOrDigit || ".!#$%&'*+/=?^_`{|}~-".utf8.contains(self) }
}

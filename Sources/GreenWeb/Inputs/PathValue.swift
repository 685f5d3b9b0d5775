public import FoundationEssentials
internal import GreenHTTP
internal import HTTPTypes

/// A type that parameters of a path may have, and fields of queries and forms.
///
/// ```swift
/// enum Order: String, PathValue { case newest, oldest }
/// app.get("/notes/sorted/{order}") { (_, order: Order) in … }
/// ```
///
/// A path whose parameter is not a valid value does not match the route: another answers, or nobody does, `404`. Types
/// that are made from text without loss (`LosslessStringConvertible`), and enumerations of `String`, need no more than
/// the conformance.
public protocol PathValue: HandlerInput {
  /// The value that a text stands for; `nil` where it stands for none. A function, and not an initialiser: with one more of those
  /// for a text, `texts.map(Int.init)` would be ambiguous.
  static func from(pathValue: String) -> Self?
  /// The text that stands for the value, decoded.
  var pathValue: String { get }
}

extension PathValue {
  public static func take(from reader: inout InputReader) throws -> Self {
    let text = try reader.nextPathParameter()
    // The router has looked at it already.
    guard let value = from(pathValue: text) else { throw HTTPError(.notFound) }
    return value
  }

  public static var source: InputSource { .path(Self.self) }
}

extension PathValue where Self: LosslessStringConvertible {
  public static func from(pathValue: String) -> Self? { Self(pathValue) }
  public var pathValue: String { description }
}

extension PathValue where Self: RawRepresentable, RawValue == String {
  public static func from(pathValue: String) -> Self? { Self(rawValue: pathValue) }
  public var pathValue: String { rawValue }
}

extension Int: PathValue {}
extension Int64: PathValue {}
extension Int32: PathValue {}
extension UInt: PathValue {}
extension UInt64: PathValue {}
extension UInt32: PathValue {}
extension Double: PathValue {}
extension Bool: PathValue {}
extension String: PathValue {}

/// As `E621E1F8-C36C-495A-93FC-0C247A3E6E5F`, in either case.
extension UUID: PathValue {
  public static func from(pathValue: String) -> UUID? { UUID(uuidString: pathValue) }
  public var pathValue: String { uuidString }
}

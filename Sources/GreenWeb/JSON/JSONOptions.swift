/// What form JSON has: of an application's answers and requests (``App/json``), or of one answer.
///
/// ```swift
/// app.json = JSONOptions(keys: .snakeCase, nils: .null)
/// app.get("/export") { _ in Reply(try report(), json: JSONOptions(dates: .secondsSince1970, isPretty: true)) }
/// ```
///
/// Keys are in order and slashes are as they are whatever it says.
public struct JSONOptions: Hashable, Sendable {
  /// How the names of properties are written.
  public enum Keys: Hashable, Sendable {
    /// As the type says.
    case asWritten
    /// `createdAt` is `created_at`, `imageURL` is `image_url`: as Foundation's `convertToSnakeCase` has names that
    /// begin with a small letter. Keys of dictionaries are data, and stay. What is read is turned back, so that
    /// `image_url` is `imageUrl`: a property `imageURL` of a type that is read needs a `CodingKeys` which says so.
    case snakeCase
  }

  /// How dates are written.
  public enum Dates: Hashable, Sendable {
    /// `"2026-11-29T20:51:39Z"` (RFC 3339): whole seconds.
    case iso8601
    /// The seconds since 1970, with a fraction where there is one.
    case secondsSince1970
    /// The milliseconds since 1970, with a fraction where there is one.
    case millisecondsSince1970
  }

  /// How properties that are `nil` are written. What is read may be either.
  public enum Nils: Hashable, Sendable {
    /// Not at all.
    case leftOut
    /// As `null`, where the compiler has made the type's `encode(to:)` or it calls `encodeIfPresent`.
    case null
  }

  /// How the names of properties are written, and read.
  public var keys: Keys
  /// How dates are written, and read.
  public var dates: Dates
  /// How properties that are `nil` are written.
  public var nils: Nils
  /// Whether each value is on a line of its own, indented by two spaces.
  public var isPretty: Bool
  /// Whether dates are written as Foundation's encoder writes them where it is told nothing: see ``StoredJSON``.
  var hasFoundationDates = false

  /// The form that JSON has by default, but for what is said.
  public init(
    keys: Keys = .asWritten, dates: Dates = .iso8601, nils: Nils = .leftOut, isPretty: Bool = false
  ) {
    self.keys = keys
    self.dates = dates
    self.nils = nils
    self.isPretty = isPretty
  }

  /// Whether values encode themselves as by default.
  var encodesPlainly: Bool { keys == .asWritten && dates == .iso8601 && nils == .leftOut && !hasFoundationDates }
}

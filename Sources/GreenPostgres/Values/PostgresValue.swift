/// What can be a parameter of a statement and a column of its result.
///
/// Integers, `Double`, `Float`, `Bool`, `String`, `[UInt8]`, `Data`, `UUID`, `Date`, optionals and arrays of them are;
/// an enum with raw values becomes one by saying so:
///
/// ```swift
/// enum Role: String, PostgresValue { case reader, editor }
/// ```
public protocol PostgresValue: Sendable {
  /// The number of the type, in `pg_type`, that a parameter of it has; 0 where the server is to find out from what the parameter
  /// is used for.
  static var postgresType: UInt32 { get }

  /// The value as a parameter.
  ///
  /// - Throws: where it cannot be one; nothing is sent then.
  var postgresParameter: PostgresParameter { get throws }

  /// The value of a column.
  ///
  /// - Throws: ``PostgresDecodingError``, as ``PostgresField/mismatch(_:)`` makes it, where the column has another.
  init(postgres field: PostgresField) throws
}

extension PostgresValue {
  public static var postgresType: UInt32 { 0 }
}

extension PostgresValue where Self: RawRepresentable, RawValue: PostgresValue {
  public static var postgresType: UInt32 { RawValue.postgresType }
  public var postgresParameter: PostgresParameter { get throws { try rawValue.postgresParameter } }

  public init(postgres field: PostgresField) throws {
    guard let value = Self(rawValue: try RawValue(postgres: field)) else { throw field.mismatch(Self.self) }
    self = value
  }
}

/// `nil` is NULL.
extension Optional: PostgresValue where Wrapped: PostgresValue {
  public static var postgresType: UInt32 { Wrapped.postgresType }
  public var postgresParameter: PostgresParameter { get throws { try self?.postgresParameter ?? .null } }

  public init(postgres field: PostgresField) throws { self = field.isNull ? nil : try Wrapped(postgres: field) }
}

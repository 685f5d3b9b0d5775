public import FoundationEssentials

/// Text, of whatever type the server takes it for: `text`, an enum, `jsonb`, `numeric`, `inet`. Every column has a text.
extension String: PostgresValue {
  public var postgresParameter: PostgresParameter { .text(self) }
  public init(postgres field: PostgresField) throws { self = try field.text() }
}

/// `uuid`.
extension UUID: PostgresValue {
  public static var postgresType: UInt32 { PostgresType.uuid }
  public var postgresParameter: PostgresParameter { .text(uuidString) }

  public init(postgres field: PostgresField) throws {
    guard let value = UUID(uuidString: try field.text()) else { throw field.mismatch(UUID.self) }
    self = value
  }
}

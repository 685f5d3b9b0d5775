internal import GreenWeb

/// A value as JSON.
struct JSONParameter<Value: Encodable & Sendable>: PostgresValue {
  let value: Value

  var postgresParameter: PostgresParameter {
    get throws { .text(String(decoding: try StoredJSON.encoded(value), as: UTF8.self)) }
  }

  init(value: Value) { self.value = value }

  /// Never asked for: only statements have such a value.
  init(postgres field: PostgresField) throws { throw field.mismatch(Value.self) }
}

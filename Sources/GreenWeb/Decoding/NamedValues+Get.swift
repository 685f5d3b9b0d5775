public import GreenHTTP

extension NamedValues {
  /// The first value of a name as one of a type; `nil` where there is none, or an empty one of what is not text.
  ///
  /// ```swift
  /// let page = try request.query.get("page", as: Int.self) ?? 1
  /// ```
  ///
  /// - Throws: ``InvalidInput`` where it is not a valid one.
  public func get<Value: PathValue>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let text = self[name] else { return nil }
    if let value = Value.from(pathValue: text) { return value }
    if text.isEmpty { return nil }
    throw InvalidInput(name, "is not a valid \(type)")
  }

  /// As ``get(_:as:)`` where there must be one.
  public func require<Value: PathValue>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    guard let value = try get(name, as: type) else { throw InvalidInput(name, "is missing") }
    return value
  }

  /// All of them as a value of a type, by the names of its fields: numbers, `true` and `false`, enumerations, dates,
  /// and arrays of those that come several times. A field that is empty is none where it may be missing.
  ///
  /// - Throws: ``InvalidInput`` where fields are missing or wrong, all of them, or the value is not valid: see ``Validated``.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    do {
      return try checked(Value(from: FieldsDecoder(values: self)))
    } catch let error as DecodingError {
      throw try Diagnosis<Value>(from: FieldsDecoder(values: self)).invalidInput ?? InvalidInput(error)
    }
  }
}

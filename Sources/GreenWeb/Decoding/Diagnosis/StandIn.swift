internal import FoundationEssentials

/// Values that stand in for fields that are wrong, so that the others are looked at. Each is one that a client could
/// have sent: the type decodes it itself, and none is ever seen by a handler.
enum StandIn {
  /// A value of a type: 0, nothing, the first case; `nil` where none can be made.
  static func value<Value: Decodable>(_ type: Value.Type) -> Value? {
    if let type = type as? any CaseIterable.Type { return first(of: type) as? Value }
    return try? StandInDecoder(depth: 0).decode(type)
  }

  /// Whether a type is decoded as a whole, so that there is nothing in it to look at.
  static func isPlain<Value>(_ type: Value.Type) -> Bool { own(type) != nil }

  fileprivate static func own<Value>(_ type: Value.Type) -> Value? {
    switch type {
    case is String.Type: "" as? Value
    case is Bool.Type: false as? Value
    case is Double.Type: 0.0 as? Value
    case is Float.Type: Float(0) as? Value
    case let type as any FixedWidthInteger.Type: zero(type) as? Value
    case is Date.Type: Date(timeIntervalSince1970: 0) as? Value
    case is Data.Type: Data() as? Value
    case is Decimal.Type: Decimal(0) as? Value
    case is URL.Type: URL(string: "/") as? Value
    case is UUID.Type: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) as? Value
    default: nil
    }
  }

  private static func zero<Number: FixedWidthInteger>(_ type: Number.Type) -> Any { Number.zero }
  private static func first<Cases: CaseIterable>(of type: Cases.Type) -> Any? { type.allCases.first }
}

/// Decodes types of nothing.
private struct StandInDecoder: Decoder, SingleValueDecodingContainer {
  /// How many types are within one another: one that contains itself ends.
  let depth: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(StandInKeys<Key>(decoder: self))
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer { StandInElements(decoder: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { true }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let value = StandIn.own(type) { return value }
    guard depth < DiagnosisLimits.depth else {
      throw DecodingError.valueNotFound(type, .init(codingPath: [], debugDescription: "contains itself"))
    }
    if type is any CaseIterable.Type, let value = StandIn.value(type) { return value }
    return try Value(from: StandInDecoder(depth: depth + 1))
  }
}

private struct StandInKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: StandInDecoder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { false }
  func decodeNil(forKey key: Key) -> Bool { true }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try decoder.decode(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedDecodingContainer<Nested> { decoder.container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder.unkeyedContainer() }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) -> any Decoder { decoder }
}

private struct StandInElements: UnkeyedDecodingContainer {
  let decoder: StandInDecoder
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 0 }
  var isAtEnd: Bool { true }
  var currentIndex: Int { 0 }

  func decodeNil() -> Bool { true }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.decode(type) }

  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    decoder.container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
  func superDecoder() -> any Decoder { decoder }
}

internal import FoundationEssentials

/// Decodes one field, whose texts are those that came with its name.
struct FieldDecoder: Decoder, SingleValueDecodingContainer {
  let texts: [String]
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw notFlat(codingPath)
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer { FieldTexts(texts: texts, codingPath: codingPath) }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }
  func decodeNil() -> Bool { texts.isEmpty }

  /// The field as a value of a type.
  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == Date.self, let date = date as? Value { return date }
    return try Value(from: self)
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard let primitive = type as? any TextPrimitive.Type else { return try value(type) }
    guard let text = texts.first, let value = primitive.init(field: text) as? Value else {
      throw DecodingError.typeMismatch(type, .init(codingPath: codingPath, debugDescription: "the text is not one"))
    }
    return value
  }

  /// As JSON has it, `2026-11-29T20:51:39Z`, or a day, as a browser sends it.
  private var date: Date? {
    guard let text = texts.first else { return nil }
    return (try? Date(text, strategy: .iso8601)) ?? (try? Date(text + "T00:00:00Z", strategy: .iso8601))
  }
}

/// The texts of one field as an array.
struct FieldTexts: UnkeyedDecodingContainer {
  let texts: [String]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(texts: [String], codingPath: [any CodingKey]) {
    self.texts = texts
    self.codingPath = codingPath
  }

  var count: Int? { texts.count }
  var isAtEnd: Bool { currentIndex >= texts.count }

  mutating func decodeNil() -> Bool { false }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try next().value(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw notFlat(codingPath)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try superDecoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try next()
    currentIndex += 1
    return decoder
  }

  private func next() throws -> FieldDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(String.self, .init(codingPath: codingPath, debugDescription: "no more texts"))
    }
    return FieldDecoder(texts: [texts[currentIndex]], codingPath: codingPath + [ElementPlace(intValue: currentIndex)])
  }
}

/// What is made of a text without a decoder.
private protocol TextPrimitive {
  init?(field: String)
}

extension TextPrimitive where Self: LosslessStringConvertible {
  init?(field: String) { self.init(field) }
}

extension String: TextPrimitive {}
extension Int: TextPrimitive {}
extension Int8: TextPrimitive {}
extension Int16: TextPrimitive {}
extension Int32: TextPrimitive {}
extension Int64: TextPrimitive {}
extension UInt: TextPrimitive {}
extension UInt8: TextPrimitive {}
extension UInt16: TextPrimitive {}
extension UInt32: TextPrimitive {}
extension UInt64: TextPrimitive {}
extension Double: TextPrimitive {}
extension Float: TextPrimitive {}

/// A box that is ticked is `on`.
extension Bool: TextPrimitive {
  fileprivate init?(field: String) {
    switch field {
    case "true", "on", "1", "yes": self = true
    case "false", "off", "0", "no": self = false
    default: return nil
    }
  }
}

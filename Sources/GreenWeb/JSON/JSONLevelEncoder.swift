/// What a value encodes itself with: the writer, for as long as it is at that value.
struct JSONLevelEncoder: Encoder {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    writer.open(.object, at: number)
    if writer.hasOptions { return KeyedEncodingContainer(JSONOptionedContainer(writer, number: number)) }
    return KeyedEncodingContainer(JSONObjectContainer(writer: writer, number: number))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.open(.array, at: number)
    return JSONArrayContainer(writer: writer, number: number)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    JSONScalarContainer(writer: writer, number: number)
  }
}

/// An element of an array, as a part of a path.
struct JSONIndex: CodingKey {
  let intValue: Int?

  init(_ index: Int) { intValue = index }
  init(intValue: Int) { self.init(intValue) }
  init?(stringValue: String) { nil }

  var stringValue: String { "Index \(intValue ?? 0)" }
}

/// A superclass's value, where it was given no key.
struct JSONSuperKey: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }

  init() {}
  init?(intValue: Int) { nil }
  init?(stringValue: String) { nil }
}

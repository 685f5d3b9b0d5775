internal import GreenWeb

/// The elements of a list: one is said to be there.
struct RecordedElements: UnkeyedDecodingContainer {
  let recorder: SchemaRecorder
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex > 0 }

  /// So many are made up for a type that does not ask whether there are more: it may take what it gets until it gets none.
  private static let most = 1000

  init(recorder: SchemaRecorder) { self.recorder = recorder }

  mutating func decodeNil() -> Bool { false }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try advance()
    let found = recorder.book.look(at: type)
    recorder.noteElements(found.schema)
    guard let value = found.value else { throw SchemaRecorder.NoValue(schema: found.schema) }
    return value
  }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try nested().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }

  mutating func superDecoder() throws -> any Decoder { try nested() }

  private mutating func nested() throws -> SchemaRecorder {
    try advance()
    let list = recorder
    return SchemaRecorder(list.book) { list.noteElements($0) }
  }

  private mutating func advance() throws {
    guard currentIndex < Self.most else { throw SchemaRecorder.NoValue(schema: [:]) }
    currentIndex += 1
  }
}

/// A value that stands alone.
struct RecordedValue: SingleValueDecodingContainer {
  let recorder: SchemaRecorder
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let found = recorder.book.look(at: type)
    recorder.noteValue(found.schema)
    guard let value = found.value else { throw SchemaRecorder.NoValue(schema: found.schema) }
    return value
  }
}

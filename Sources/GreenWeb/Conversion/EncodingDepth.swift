internal import FoundationEssentials

/// Looks how deeply a value's arrays and objects lie in each other before it is encoded: an encoder recurses as deeply, and
/// so does the value's own code, on a stack that ends.
///
/// The value encodes itself to nothing for that, which costs a part of what encoding it costs.
struct EncodingDepth {
  /// As deep as Foundation's encoder goes.
  static let most = 511
  /// How much of the stack, in bytes, the value's own code may use meanwhile: some calls itself without a container.
  static let mostOfStack: UInt = 4 << 20

  /// - Throws: `EncodingError.invalidValue` where it is too deep; what the value's `encode(to:)` throws.
  static func check(_ value: some Encodable) throws {
    // Unsafe: nobody keeps the pointer longer than the value's encode(to:) lasts, which is not let out of here.
    var course = Course(type: type(of: value))
    try withUnsafeMutablePointer(to: &course) { course in
      try EncodingDepth(course: course, depth: 0).take(value)
      try course.pointee.check()
    }
  }

  /// What one check has come upon so far.
  fileprivate struct Course {
    let type: any Encodable.Type
    let start = placeInStack()
    var isTooDeep = false

    func check() throws {
      // Stacks grow down; where both frames became one, the difference wraps round.
      let used = start &- placeInStack()
      guard isTooDeep || (used > EncodingDepth.mostOfStack && used < UInt.max / 2) else { return }
      // Not the value: whoever logs the error would recurse as deeply.
      throw EncodingError.invalidValue(
        type, .init(codingPath: [], debugDescription: "the value is nested more than \(EncodingDepth.most) deep"))
    }
  }

  fileprivate let course: UnsafeMutablePointer<Course>
  /// In how many containers the present place lies.
  fileprivate let depth: Int

  /// A place in one more container.
  fileprivate var deeper: EncodingDepth {
    if depth >= Self.most { course.pointee.isTooDeep = true }
    return EncodingDepth(course: course, depth: depth + 1)
  }

  fileprivate func take<Value: Encodable>(_ value: Value) throws {
    try course.pointee.check()
    if Value.isLeaf { return }
    try value.encode(to: EncoderToNothing(place: self))
  }
}

@inline(never)
private func placeInStack() -> UInt {
  withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { UInt(bitPattern: $0.baseAddress) }
}

extension Encodable {
  /// Whether values of the type hold no others, or Foundation's encoder has a way of its own for them.
  fileprivate static var isLeaf: Bool {
    Self.self == String.self || Self.self == Int.self || Self.self == Double.self || Self.self == Bool.self
      || Self.self == Int64.self || Self.self == UInt64.self || Self.self == Int32.self || Self.self == UInt32.self
      || Self.self == UInt8.self || Self.self == UInt.self || Self.self == Float.self || Self.self == Int16.self
      || Self.self == UInt16.self || Self.self == Int8.self || Self.self == Int128.self || Self.self == UInt128.self
      || Self.self == Data.self || Self.self == Date.self || Self.self == URL.self || Self.self == Decimal.self
  }
}

private struct EncoderToNothing: Encoder, SingleValueEncodingContainer {
  let place: EncodingDepth

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(ObjectToNothing<Key>(place: place.deeper))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { ArrayToNothing(place: place.deeper) }
  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() {}
  func encode<Value: Encodable>(_ value: Value) throws { try place.take(value) }
}

private struct ArrayToNothing: UnkeyedEncodingContainer {
  let place: EncodingDepth
  private(set) var count = 0

  init(place: EncodingDepth) { self.place = place }

  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() { count += 1 }
  mutating func encode<Value: Encodable>(_ value: Value) throws {
    count += 1
    try place.take(value)
  }
  mutating func nestedContainer<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    count += 1
    return KeyedEncodingContainer(ObjectToNothing<Key>(place: place.deeper))
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    count += 1
    return ArrayToNothing(place: place.deeper)
  }
  mutating func superEncoder() -> any Encoder {
    count += 1
    return EncoderToNothing(place: place)
  }
}

private struct ObjectToNothing<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let place: EncodingDepth

  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) {}
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try place.take(value) }
  func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
    KeyedEncodingContainer(ObjectToNothing<Nested>(place: place.deeper))
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { ArrayToNothing(place: place.deeper) }
  func superEncoder() -> any Encoder { EncoderToNothing(place: place) }
  func superEncoder(forKey key: Key) -> any Encoder { EncoderToNothing(place: place) }
}

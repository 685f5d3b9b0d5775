internal import GreenWeb

/// What a session holds, as bytes: when it was made or refreshed, who it is in a store, and its values.
struct SessionContent: Sendable, Equatable {
  /// Seconds since 1970.
  var time: Int64
  /// The key in a store; empty without one.
  var id: [UInt8] = []
  /// The values, as JSON.
  var values: [String: [UInt8]] = [:]

  init(time: Int64) { self.time = time }

  // MARK: Bytes

  /// A byte that says which form this is; then numbers of seven bits a byte, and pieces with their counts before them.
  private static var form: UInt8 { 1 }

  var bytes: [UInt8] {
    var bytes = [Self.form]
    bytes.append(number: UInt64(bitPattern: time))
    bytes.append(piece: id)
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      bytes.append(piece: Array(name.utf8))
      bytes.append(piece: value)
    }
    return bytes
  }

  /// `nil` for what is not in this form.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    guard rest.popFirst() == Self.form, let time = rest.takeNumber(), let id = rest.takePiece() else { return nil }
    self.time = Int64(bitPattern: time)
    self.id = [UInt8](id)
    while !rest.isEmpty {
      guard let name = rest.takePiece(), let value = rest.takePiece() else { return nil }
      values[String(decoding: name, as: UTF8.self)] = [UInt8](value)
    }
  }

  // MARK: Values

  static func encoded(_ value: some Encodable) throws -> [UInt8] {
    if let number = value as? Int { return Array(String(number).utf8) }
    return try StoredJSON.encoded(value)
  }

  /// `nil` for what cannot be read as such a value.
  ///
  /// - Throws: `HubError` where there is no stack to read it on.
  static func decoded<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type) throws -> Value? {
    if type == Int.self, let number = Int(String(decoding: bytes, as: UTF8.self)) { return number as? Value }
    return try StoredJSON.decodedIfPossible(type, from: bytes)
  }
}

extension [UInt8] {
  /// LEB128.
  fileprivate mutating func append(number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  fileprivate mutating func append(piece: [UInt8]) {
    append(number: UInt64(piece.count))
    self += piece
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func takeNumber() -> UInt64? {
    var (number, shift) = (UInt64(0), UInt64(0))
    while let byte = popFirst(), shift < 64 {
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }

  fileprivate mutating func takePiece() -> ArraySlice<UInt8>? {
    guard let count = takeNumber(), count <= UInt64(self.count) else { return nil }
    defer { self = dropFirst(Int(count)) }
    return prefix(Int(count))
  }
}

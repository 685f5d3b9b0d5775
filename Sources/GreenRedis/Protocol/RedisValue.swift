/// What Redis answers: RESP2 of Redis's protocol specification.
public enum RedisValue: Sendable, Equatable {
  /// There is nothing: of a key that is not there, of a transaction that was not carried out.
  case null
  /// A number.
  case integer(Int)
  /// What was done: `OK`, `PONG`, `QUEUED`.
  case status(String)
  /// What a key holds, and other text.
  case bytes([UInt8])
  /// Several values.
  case array([RedisValue])
  /// A command of several that failed. Alone, it is thrown.
  case error(RedisError)

  /// The text, also of a number; `nil` of what has none.
  public var string: String? {
    switch self {
    case .status(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .integer(let number): String(number)
    case .null, .array, .error: nil
    }
  }

  /// The number, also where it came as text.
  public var integer: Int? {
    if case .integer(let number) = self { number } else { string.flatMap { Int($0) } }
  }

  /// The number, where it came as text.
  public var double: Double? { string.flatMap { Double($0) } }

  /// The bytes; `nil` of what has none.
  public var bytes: [UInt8]? {
    switch self {
    case .bytes(let bytes): bytes
    case .status(let text): [UInt8](text.utf8)
    default: nil
    }
  }

  /// The values of an array, `nil` of everything else.
  public var array: [RedisValue]? { if case .array(let values) = self { values } else { nil } }

  /// The pairs of an array in which names and values take turns, as `HGETALL` returns them.
  public var pairs: [(String, RedisValue)]? {
    guard let array, array.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: array.count, by: 2).compactMap { index in
      array[index].string.map { ($0, array[index + 1]) }
    }
  }

  /// Whether there is nothing.
  public var isNull: Bool { self == .null }
}

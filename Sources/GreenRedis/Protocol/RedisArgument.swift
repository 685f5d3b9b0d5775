/// What can be a word of a command: bytes of any kind, sent with their count, so that nothing in them is read as another word.
public protocol RedisArgument: Sendable {
  /// The word, as it is sent.
  var redisBytes: [UInt8] { get }
}

extension String: RedisArgument {
  public var redisBytes: [UInt8] { [UInt8](utf8) }
}

extension Substring: RedisArgument {
  public var redisBytes: [UInt8] { [UInt8](utf8) }
}

extension Int: RedisArgument {
  public var redisBytes: [UInt8] { [UInt8](String(self).utf8) }
}

extension Double: RedisArgument {
  public var redisBytes: [UInt8] { [UInt8](description.utf8) }
}

/// Bytes.
extension Array: RedisArgument where Element == UInt8 {
  public var redisBytes: [UInt8] { self }
}

/// What Redis answered to a command that failed.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The whole of it: `WRONGTYPE Operation against a key holding the wrong kind of value`.
  public let message: String

  init(_ message: String) { self.message = message }

  /// Its first word, which says what kind it is: `WRONGTYPE`, `NOSCRIPT`, `ERR`.
  public var code: Substring { message.prefix { $0 != " " } }

  public var description: String { "Redis: \(message)" }
}

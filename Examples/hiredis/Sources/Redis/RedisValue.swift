internal import CHiredis

/// What a Redis command answers.
public enum RedisValue: Equatable, Sendable {
  case null
  case integer(Int)
  case text(String)
  case array([RedisValue])

  /// A copy of hiredis' reply, which is freed when the callback returns. No reply at all means that the connection ended.
  static func result(_ reply: UnsafePointer<redisReply>?, _ error: String?) -> Result<RedisValue, RedisError> {
    guard let reply else {
      return .failure(RedisError(error.flatMap { $0.isEmpty ? nil : $0 } ?? "the connection was closed"))
    }
    if reply.pointee.type == REDIS_REPLY_ERROR { return .failure(RedisError(text(reply))) }
    return .success(RedisValue(reply))
  }

  private init(_ reply: UnsafePointer<redisReply>) {
    switch reply.pointee.type {
    case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
    case REDIS_REPLY_STRING, REDIS_REPLY_STATUS, REDIS_REPLY_ERROR: self = .text(Self.text(reply))
    case REDIS_REPLY_ARRAY:
      self = .array((0..<reply.pointee.elements).map { RedisValue(reply.pointee.element[$0]!) })
    default: self = .null
    }
  }

  private static func text(_ reply: UnsafePointer<redisReply>) -> String {
    UnsafeBufferPointer(start: reply.pointee.str, count: reply.pointee.len).withMemoryRebound(to: UInt8.self) {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

/// What went wrong with a command or a connection, in the server's words or hiredis'.
public struct RedisError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Why there is no connection to Redis, or none any more.
public enum RedisConnectionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The address is wrong.
  case address(String)
  /// The address begins with `rediss://`, and nothing that encrypts was given.
  case noEncryption
  /// The server could not be reached.
  case refused(String)
  /// Connecting, or an answer, took longer than it may. Whether a command was carried out is not known.
  case timedOut(Duration)
  /// The connection ended. Whether a command was carried out is not known.
  case lost(String)
  /// What came is not Redis's protocol.
  case malformed(String)
  /// It was closed by this program.
  case closed

  public var description: String {
    switch self {
    case .address(let text):
      "'\(text)' is not an address of Redis: redis://[user:password@]host[:port][/database], rediss://… or unix:///path"
    case .noEncryption: "rediss:// needs TLS: Redis(…, tls: .openSSL), of the module GreenTLS"
    case .refused(let reason): "cannot connect to Redis: \(reason)"
    case .timedOut(let timeout): "Redis has not answered within \(timeout)"
    case .lost(let reason): "the connection to Redis was lost: \(reason)"
    case .malformed(let reason): "what came from Redis is not its protocol: \(reason)"
    case .closed: "the connection to Redis was closed"
    }
  }
}

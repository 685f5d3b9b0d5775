/// Why a WebSocket was closed (RFC 6455, 7.4).
public struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// 1000: what the connection was for is done.
  public static let normal = CloseCode(rawValue: 1000)
  /// 1001: the server stops, or the page was left.
  public static let goingAway = CloseCode(rawValue: 1001)
  /// 1002: the peer broke the protocol.
  public static let protocolError = CloseCode(rawValue: 1002)
  /// 1003: a message of a kind that is not accepted here.
  public static let unsupportedData = CloseCode(rawValue: 1003)
  /// 1005: the peer gave no code. Never sent.
  public static let none = CloseCode(rawValue: 1005)
  /// 1006: the connection ended without a close frame. Never sent.
  public static let abnormal = CloseCode(rawValue: 1006)
  /// 1007: text that is not UTF-8, or data that cannot be decompressed.
  public static let invalidData = CloseCode(rawValue: 1007)
  /// 1008: the message is against a rule of the application.
  public static let policyViolation = CloseCode(rawValue: 1008)
  /// 1009: the message is too long.
  public static let messageTooBig = CloseCode(rawValue: 1009)
  /// 1011: the server met an error of its own.
  public static let internalError = CloseCode(rawValue: 1011)
  /// 1012: the server starts again; come back.
  public static let serviceRestart = CloseCode(rawValue: 1012)
  /// 1013: the server has too much to do; come back later.
  public static let tryAgainLater = CloseCode(rawValue: 1013)

  /// Whether it may stand in a close frame: those of the standard and IANA's list, and 3000 to 4999 for libraries and
  /// applications (RFC 6455, 7.4.2).
  public var canBeSent: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  public var description: String { String(rawValue) }
}

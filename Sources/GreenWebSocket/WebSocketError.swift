/// What ended a WebSocket, where it was not one of its two sides that wanted it so.
public struct WebSocketError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The code that the peer was told.
  public let code: CloseCode
  /// One sentence.
  public let message: String

  /// An error of this code, with a sentence for whoever reads the log.
  public init(_ code: CloseCode, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(message) (close code \(code))" }
}

/// A text that is not the URL of a WebSocket.
public struct WebSocketURLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text.
  public let url: String
  /// What is wrong with it.
  public let problem: String

  public var description: String { "'\(url)' is not a WebSocket's URL: \(problem)" }
}

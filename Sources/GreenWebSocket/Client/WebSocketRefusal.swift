/// A server did not make a WebSocket of a request for one.
public struct WebSocketRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The status of its answer; 0 where that was not HTTP.
  public let status: Int
  /// What is wrong with the answer.
  public let problem: String

  public var description: String { "the server did not open a WebSocket: \(problem)" }
}

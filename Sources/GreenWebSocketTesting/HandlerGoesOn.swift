/// The handler of a WebSocket has not returned, though its client has closed: it waits for something else. It has been cancelled
/// since.
public struct HandlerGoesOn: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path, and the query, that the WebSocket was opened at.
  public let target: String

  public var description: String { "the handler of the WebSocket at \(target) has not returned 10 s after its end" }
}

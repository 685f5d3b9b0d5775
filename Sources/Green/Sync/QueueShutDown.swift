/// The queue was shut down before the element could be put in.
public struct QueueShutDown: Error, Equatable, CustomStringConvertible {
  /// The error of a queue that was shut down.
  public init() {}

  public var description: String { "the queue was shut down before the element could be put in" }
}

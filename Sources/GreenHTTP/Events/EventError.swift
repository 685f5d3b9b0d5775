/// The kind or the id of an event had a line end in it, or a zero.
public struct EventError: Error, Equatable, CustomStringConvertible {
  /// What was to be sent.
  public let text: String

  public var description: String {
    "the kind or the id of an event must be one line, which \(text.debugDescription) is not"
  }
}

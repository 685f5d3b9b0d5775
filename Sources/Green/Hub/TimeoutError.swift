/// The deadline of a ``withDeadline(_:_:)`` or ``withTimeout(_:_:)`` passed while its body still had something to wait
/// for.
public struct TimeoutError: Error, Equatable, CustomStringConvertible {
  /// The deadline that passed.
  public let deadline: Deadline

  public var description: String { "the deadline of the enclosing withDeadline or withTimeout has passed" }
}

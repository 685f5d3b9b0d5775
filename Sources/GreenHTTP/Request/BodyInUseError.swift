/// The body of a request was asked for while another fiber, task or thread was reading it.
public struct BodyInUseError: Error, Equatable, CustomStringConvertible {
  /// The error of a second reader.
  public init() {}
  public var description: String { "the request's body is being read elsewhere: it has one reader at a time" }
}

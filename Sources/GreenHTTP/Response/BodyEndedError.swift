/// A ``BodyWriter`` was written to when the function that it was given to had returned.
public struct BodyEndedError: Error, Equatable, CustomStringConvertible {
  /// The error of a body that has ended.
  public init() {}
  public var description: String { "the body has ended, and nothing more can be written to it" }
}

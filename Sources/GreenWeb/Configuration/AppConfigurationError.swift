/// An application is told nothing, or nothing that makes sense.
public struct AppConfigurationError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, and what would be right.
  public let description: String

  init(_ description: String) { self.description = description }
}

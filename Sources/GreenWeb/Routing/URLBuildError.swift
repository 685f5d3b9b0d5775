/// A URL could not be made: the program has asked for a route, or given values, that there are not.
public struct URLBuildError: Error, Equatable, CustomStringConvertible {
  /// What was wrong.
  public let description: String
}

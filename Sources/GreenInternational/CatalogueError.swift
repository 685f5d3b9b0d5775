/// A catalogue that cannot be used.
public struct CatalogueError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where it is wrong, and what would be right.
  public let description: String

  init(_ description: String) { self.description = description }
}

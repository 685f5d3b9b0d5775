/// How many jobs of a queue there are, and in which state.
public struct JobStatistics: Sendable, Codable, Equatable {
  /// That are ready, and that nobody does.
  public var ready: Int
  /// That are being done.
  public var running: Int
  /// Whose time has not come.
  public var later: Int
  /// That are tried no more.
  public var dead: Int

  /// So many.
  public init(ready: Int, running: Int, later: Int, dead: Int) {
    (self.ready, self.running, self.later, self.dead) = (ready, running, later, dead)
  }
}

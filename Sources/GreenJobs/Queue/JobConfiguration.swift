/// What is seldom changed about a ``JobQueue``.
public struct JobConfiguration: Sendable {
  /// How long a worker may say nothing about a job before it counts as dead, and another begins the job anew. Workers
  /// that live say so each third of that. 30 s.
  public var silence = Duration.seconds(30)
  /// How often a worker looks for jobs whose time has come, and for workers that have died. 1 s.
  public var interval = Duration.seconds(1)
  /// How many dead letters are kept; the oldest go first. 10,000.
  public var deadLetters = 10_000

  /// What is usual.
  public init() {}
}

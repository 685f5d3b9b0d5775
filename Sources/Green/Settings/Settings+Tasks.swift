extension Settings {
  /// Who runs Swift's tasks.
  public enum Tasks: String, CaseIterable, Sendable {
    /// A hub runs all of the process: the executors of the process are Green's.
    case process
    /// A hub runs those that prefer it, which is everything that fibers begin. The rest runs on the Swift runtime's threads.
    case preference
  }
}

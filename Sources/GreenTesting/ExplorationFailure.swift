internal import Green

/// A seed that made the body of ``TestHub/explore(seeds:from:patience:stackSize:_:)`` throw.
public struct ExplorationFailure: Error, CustomStringConvertible {
  /// The seed that failed.
  public let seed: UInt64
  /// How many seeds before it did not.
  public let runsBefore: Int
  /// What was thrown.
  public let error: any Error

  public var description: String {
    "seed \(seed) failed, \(runsBefore) before it passed: \(error); GREEN_TEST_SEED=\(seed) in the environment, or "
      + "TestHub.run(seed: \(seed)), replays it"
  }
}

public import Green

extension TestHub {
  /// Runs `body` on a hub for each of many seeds, and stops at the first that makes it throw. What `body` changes must be
  /// made anew in it.
  ///
  /// A seed in the environment, `GREEN_TEST_SEED`, is the only one that is run then.
  ///
  /// - Parameters:
  ///   - count: how many seeds.
  ///   - first: they are counted from here; by default from a new one each time.
  ///   - patience: as for ``run(seed:order:patience:stackSize:_:)``.
  ///   - stackSize: usable bytes of each fiber's stack.
  ///   - body: called once for each seed.
  /// - Throws: ``ExplorationFailure`` with the seed that failed; one line on the standard error says the same.
  public static func explore(
    seeds count: Int, from first: UInt64? = nil, patience: Duration = .milliseconds(1),
    stackSize: Int = Hub.defaultStackSize, _ body: @escaping () throws -> Void
  ) throws {
    let replayed = try Seeds.fromEnvironment()
    let first = replayed ?? first ?? Seeds.new()
    for index in 0..<(replayed == nil ? count : 1) {
      let seed = first &+ UInt64(index)
      do {
        try start(seed, .seeded, patience, stackSize, body)
      } catch {
        let failure = ExplorationFailure(seed: seed, runsBefore: index, error: error)
        Report.message("\(failure)")
        throw failure
      }
    }
  }
}

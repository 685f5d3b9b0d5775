internal import Glibc
internal import Green

/// One run of a ``TestHub``.
final class TestRun: HubExtension, Sendable {
  /// The run whose hub the calling thread is running.
  static var current: TestRun? { Hub.current?.attached(TestRun.self) }

  /// When virtual time begins: the same moment in each run, late enough that an earlier one can be expressed.
  static let start = Deadline(nanoseconds: 1_000_000_000_000_000)

  let seed: UInt64
  /// Apart from the schedule's: what a test draws for itself does not change who is next.
  private let generator: Guarded<SeededGenerator>

  init(seed: UInt64) {
    self.seed = seed
    generator = Guarded(SeededGenerator(seed: ~seed))
  }

  var random: SeededGenerator {
    get { generator.withLock { $0 } }
    set { generator.withLock { $0 = newValue } }
  }

  /// Draws the schedule.
  func makeChoice() -> ReadyChoice {
    var generator = SeededGenerator(seed: seed)
    return ReadyChoice { Int(generator.next(upperBound: UInt64($0))) }
  }
}

enum Seeds {
  static func new() -> UInt64 {
    // Short enough to be typed.
    UInt64.random(in: 0..<1_000_000_000)
  }

  static func fromEnvironment() throws -> UInt64? {
    guard let value = getenv("GREEN_TEST_SEED") else { return nil }
    let text = String(cString: value)
    guard let seed = UInt64(text) else { throw TestHubError.seed(text) }
    return seed
  }
}

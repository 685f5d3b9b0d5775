import CSandbox
import CaseSupport
import Glibc
import Green
import GreenTesting

/// What a process holds that a round must give back.
private struct Holdings: Equatable {
  var descriptors = openDescriptors()
  var threads = threadCount()

  /// What the allocator has given out, in bytes.
  static var memory: Int { csandbox_memory_in_use() }
}

/// Rounds with one seed after the other, for so long; the first line of a failure names the round's own seed.
///
///     runtime stress SEED SECONDS            virtual time: the seed replays the round
///     runtime stress SEED SECONDS threads    two hubs and plain threads, in real time
///
/// Each round in virtual time has 10,000 fibers and 100 primitives; every fourth draws its schedule too, with a tenth of
/// the fibers. With 0 seconds it is one round.
func runStress(_ arguments: [String]) -> Never {
  guard arguments.count >= 2, let seed = UInt64(arguments[0]), let seconds = Double(arguments[1]) else {
    print("usage: runtime stress SEED SECONDS [threads]")
    exit(2)
  }
  do {
    alarm(UInt32(seconds) + 300)
    try stress(seed: seed, seconds: seconds, onThreads: arguments.count > 2)
    exit(0)
  } catch {
    print("FAILED \(error)")
    exit(1)
  }
}

private func stress(seed: UInt64, seconds: Double, onThreads: Bool) throws {
  // One arena, so that the allocator's count is of everything.
  csandbox_use_one_arena()
  let end = Deadline.after(.milliseconds(Int(seconds * 1000)))
  var (round, steps, settled) = (UInt64(0), 0, 0)
  repeat {
    let before = Holdings()
    do {
      steps += try oneRound(seed &+ round, onThreads, seconds: min(5, max(1, seconds)))
      // Whatever starts a thread of its own or opens something, as sanitizers do, has done so in the first round.
      if round > 0 { try expectEqual(Holdings(), before, "what the process holds") }
    } catch {
      throw Failure(description: "seed \(seed &+ round): \(error)")
    }
    round += 1
    if round == 2 { settled = Holdings.memory }
  } while !end.hasPassed
  if round > 4 {
    let growth = (Holdings.memory - settled) / Int(round - 2)
    try expect(growth < 100_000, "the memory in use grows by \(growth) bytes each round")
  }
  print("ok     \(round) rounds from seed \(seed), \(steps) steps")
}

private func oneRound(_ seed: UInt64, _ onThreads: Bool, seconds: Double) throws -> Int {
  if onThreads { return try StressRound.runOnThreads(seed: seed, fibers: 5000, seconds: seconds).steps }
  if seed % 4 == 3 { return try StressRound.runVirtually(seed: seed, fibers: 1000, uses: 30, order: .seeded).steps }
  return try StressRound.runVirtually(seed: seed, fibers: 10_000, uses: 10, order: .firstComeFirstServed).steps
}

/// Runs a round on a thread of its own; the calling fiber waits. The seed of a round that fails is told.
private func aside(_ seed: UInt64, _ body: @escaping @Sendable (UInt64) throws -> Int) throws -> Int {
  let result = Promise<Int>()
  let thread = PlainThread { result.fulfil(with: Result { try body(seed) }) }
  defer { thread.join() }
  do {
    return try result.value
  } catch {
    throw Failure(description: "seed \(seed): \(error)")
  }
}

private func anySeed() -> UInt64 { .random(in: 0..<1_000_000_000) }

let stressCases = [
  Case("10,000 fibers hammer 100 primitives and nothing is lost") {
    let steps = try aside(anySeed()) {
      try StressRound.runVirtually(seed: $0, fibers: 10_000, uses: 3, order: .firstComeFirstServed).steps
    }
    try expect(steps > 10_000, "only \(steps) steps were taken")
  },
  Case("in any schedule nothing is lost") {
    for _ in 0..<3 {
      _ = try aside(anySeed()) {
        try StressRound.runVirtually(seed: $0, fibers: 300, uses: 20, order: .seeded).steps
      }
    }
  },
  Case("a stress run is repeated by its seed") {
    for order in [TestHub.Order.seeded, .firstComeFirstServed] {
      let digest = { (seed: UInt64) in
        try aside(seed) {
          let round = try StressRound.runVirtually(seed: $0, fibers: 300, uses: 20, order: order)
          return Int(truncatingIfNeeded: round.digest)
        }
      }
      let first = try digest(7)
      try expectEqual(try digest(7), first, "the digest of the second run")
      try expect(try digest(8) != first, "another seed makes the same run")
    }
  },
  Case("hubs and threads hammer 100 primitives and nothing is lost") {
    _ = try aside(anySeed()) { try StressRound.runOnThreads(seed: $0, fibers: 1000, seconds: 1).steps }
  },
]

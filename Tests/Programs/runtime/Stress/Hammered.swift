import CaseSupport
import Green
import GreenTesting
import Synchronization
import SystemPackage

/// Something that many use at once, and that can tell afterwards whether anything was lost, doubled or let in too often.
class Hammered: @unchecked Sendable {
  /// Of everybody, how it ended: told in the order in which it happens, so that two runs can be compared.
  final let diary: Diary

  init(_ diary: Diary) { self.diary = diary }

  /// One use. Throws what waits throw; then nothing has changed.
  func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {}

  /// To be called when nothing happens any more: throws when somebody waits who need not.
  func verifyAtRest() throws {}

  /// Lets all go who wait, and whoever waits later.
  func release() {}

  /// To be called when nobody uses it any more.
  func verify() throws {}

  /// Keeps what is held for a while.
  final func linger(_ random: inout SeededGenerator) {
    switch random.next(upperBound: 8 as UInt64) {
    case 0...3: break
    case 4...6: Fiber.yield()
    default: try? Fiber.sleep(for: random.duration(in: .zero ... .microseconds(300)))
    }
  }
}

/// Every step of a run folded into one number.
final class Diary: Sendable {
  private let number = Atomic<UInt64>(0xcbf2_9ce4_8422_2325)
  private let steps = Atomic<Int>(0)
  private let alive = Atomic<Int>(0)

  func note(_ what: Int) {
    // FNV-1a, a word at a time. Threads may lose a step of each other; then nobody compares.
    let next = (number.load(ordering: .relaxed) ^ UInt64(truncatingIfNeeded: what)) &* 0x100_0000_01b3
    number.store(next, ordering: .relaxed)
    steps.add(1, ordering: .relaxed)
  }

  var digest: UInt64 { number.load(ordering: .relaxed) }
  var count: Int { steps.load(ordering: .relaxed) }

  /// How many ``Token``s there are.
  var tokens: Int { alive.load(ordering: .relaxed) }

  fileprivate func add(_ tokens: Int) { alive.add(tokens, ordering: .relaxed) }
}

/// A value that is handed on: an object, so that one that is lost or released twice is found out.
final class Token: Sendable {
  let number: Int
  private let diary: Diary

  init(_ number: Int, _ diary: Diary) {
    self.number = number
    self.diary = diary
    diary.add(1)
  }

  deinit { diary.add(-1) }
}

/// What went in and came out, as counts and sums: equal in the end.
final class Balance: Sendable {
  private let count = Atomic<Int>(0)
  private let sum = Atomic<Int>(0)

  func give(_ number: Int) {
    count.add(1, ordering: .relaxed)
    sum.wrappingAdd(number, ordering: .relaxed)
  }

  func take(_ number: Int) {
    count.subtract(1, ordering: .relaxed)
    sum.wrappingSubtract(number, ordering: .relaxed)
  }

  func verify(_ what: String) throws {
    try expectEqual(count.load(ordering: .relaxed), 0, "\(what): elements put in less those taken out")
    try expectEqual(sum.load(ordering: .relaxed), 0, "\(what): the sum of those put in less those taken out")
  }
}

/// How many are in a call that may wait.
final class Crowd: Sendable {
  private let count = Atomic<Int>(0)

  func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    count.add(1, ordering: .relaxed)
    defer { count.subtract(1, ordering: .relaxed) }
    return try body()
  }

  func enter() { count.add(1, ordering: .relaxed) }
  func leave() { count.subtract(1, ordering: .relaxed) }
  var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

  func mayWait(_ condition: Bool, _ what: String) throws {
    let waiting = count.load(ordering: .relaxed)
    try expect(condition || waiting == 0, "\(waiting) wait \(what)")
  }
}

/// How many are inside at once.
final class Occupancy: Sendable {
  private let inside = Atomic<Int>(0)
  private let excess = Atomic<Int>(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  func enter() {
    if inside.add(1, ordering: .acquiringAndReleasing).newValue > limit { excess.add(1, ordering: .relaxed) }
  }
  func leave() { inside.subtract(1, ordering: .acquiringAndReleasing) }
  var isOccupied: Bool { inside.load(ordering: .acquiring) > 0 }

  func verify(_ what: String) throws {
    try expectEqual(excess.load(ordering: .relaxed), 0, "\(what): entries beyond the limit of \(limit)")
    try expectEqual(inside.load(ordering: .relaxed), 0, "\(what): who is still inside")
  }
}

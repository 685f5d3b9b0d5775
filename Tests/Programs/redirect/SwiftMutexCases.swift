import CaseSupport
import Glibc
import Green
import Synchronization

private final class Counter: Sendable {
  private let state = Synchronization.Mutex((inside: 0, most: 0, total: 0))
  private let gate = Synchronization.Mutex(())

  /// Counts one, with a wait between the two halves, which only the gate keeps together.
  func count(waiting microseconds: UInt32) {
    gate.withLock { _ in
      let before = state.withLock { state in
        state.inside += 1
        state.most = max(state.most, state.inside)
        return state.total
      }
      usleep(microseconds)
      state.withLock { state in
        state.inside -= 1
        state.total = before + 1
      }
    }
  }

  /// Holds the gate for as long as the condition says.
  func hold(while condition: () -> Bool) {
    gate.withLock { _ in
      while condition() { usleep(1000) }
    }
  }

  func isFree() -> Bool { gate.withLockIfAvailable { _ in true } ?? false }
  var total: Int { state.withLock { $0.total } }
  var most: Int { state.withLock { $0.most } }
}

let swiftMutexCases = [
  Case("Swift's own mutex held over a sleep lets one fiber in at a time") {
    let counter = Counter()
    try together((0..<20).map { _ in { for _ in 0..<3 { counter.count(waiting: 1000) } } })
    try expectEqual(counter.most, 1, "fibers inside at once")
    try expectEqual(counter.total, 60)
  },
  Case("Swift's own mutex that another fiber holds is not available") {
    let counter = Counter()
    var (isHeld, hasTried) = (false, false)
    try together(
      {
        counter.hold {
          isHeld = true
          return !hasTried
        }
      },
      {
        until { isHeld }
        defer { hasTried = true }
        try expectEqual(counter.isFree(), false)
      })
    try expectEqual(counter.isFree(), true)
  },
  Case("threads and fibers share Swift's own mutex") {
    let counter = Counter()
    let threads = (0..<4).map { _ in PlainThread { for _ in 0..<200 { counter.count(waiting: 100) } } }
    try together((0..<10).map { _ in { for _ in 0..<40 { counter.count(waiting: 100) } } })
    for thread in threads { thread.join() }
    try expectEqual(counter.most, 1, "inside at once")
    try expectEqual(counter.total, 1200)
  },
  Case("a fiber waits for Swift's own mutex that a thread holds") {
    let counter = Counter()
    let isOver = Flag()
    let thread = PlainThread { counter.hold { !isOver.isSet } }
    until { !counter.isFree() }
    try whileOthersRun {
      // A hub that stood still would wait for ever.
      let ender = Fiber.spawn {
        usleep(50_000)
        isOver.set()
      }
      counter.count(waiting: 0)
      try ender.value
    }
    thread.join()
    try expectEqual(counter.total, 1)
  },
]

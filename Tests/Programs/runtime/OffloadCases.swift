import CaseSupport
import Glibc
import Green
import Synchronization

private final class Flag: Sendable {
  private let state = Atomic(false)
  var value: Bool { state.load(ordering: .acquiring) }
  func set() { state.store(true, ordering: .releasing) }
}

private final class Count: Sendable {
  private let now = Atomic(0)
  private let most = Atomic(0)
  private let total = Atomic(0)

  func enter() {
    total.add(1, ordering: .relaxed)
    most.max(now.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
  }
  func leave() { now.subtract(1, ordering: .relaxed) }
  var highest: Int { most.load(ordering: .relaxed) }
  var entered: Int { total.load(ordering: .relaxed) }
}

/// Runs a hidden case in a process of its own, with a setting of the default pool's limit.
private func runHidden(_ name: String, threads: String) throws -> (isOK: Bool, error: String) {
  setenv("GREEN_OFFLOAD_THREADS", threads, 1)
  defer { unsetenv("GREEN_OFFLOAD_THREADS") }
  let result = try ChildProcess.run(["/proc/self/exe", name])
  return (result.status == .exited(0), String(decoding: result.output + result.error, as: UTF8.self))
}

let offloadCases = [
  Case("no thread is made until something is offloaded, and idle ones end") {
    try isolated {
      // ThreadSanitizer starts a thread of its own with the first.
      if Sanitizer.current == .thread { PlainThread {}.join() }
      let others = Sanitizer.current == .thread ? 1 : 0
      try eventually("\(others) other threads") { threadCount() == 1 + others }
      let pool = OffloadPool(maximum: 4, idleTimeout: .milliseconds(30))
      try expectEqual(threadCount(), 1 + others, "threads")
      try together(
        (0..<8).map { _ in { try expect(try pool.run { threadCount() } > 1 + others, "no thread was made") } })
      try eventually("idle threads gone") { pool.statistics.threads == 0 && threadCount() == 1 + others }
      try expectEqual(try pool.run { 5 }, 5)
    }
  },
  Case("three threads", isHidden: true) {
    let count = Count()
    try together(
      (0..<20).map { _ in
        {
          try offload {
            count.enter()
            // A busy machine takes its time to start the third thread; a fourth would have time too.
            for _ in 0..<2000 where count.highest < 3 { usleep(1000) }
            usleep(3000)
            count.leave()
          }
        }
      })
    try expectEqual(count.highest, 3, "at once")
    try expectEqual(OffloadPool.default.maximum, 3)
  },
  Case("ten threads", isHidden: true) { try expectEqual(OffloadPool.default.maximum, 10) },
  Case("the default pool's limit is a setting, and a wrong one is told and not followed") {
    let three = try runHidden("three threads", threads: "3")
    try expect(three.isOK, three.error)
    for wrong in ["many", "0", "-1", "", "1e3"] {
      let outcome = try runHidden("ten threads", threads: wrong)
      try expect(outcome.isOK && outcome.error.contains("GREEN_OFFLOAD_THREADS is \"\(wrong)\""), outcome.error)
    }
  },
  Case("threads of the pool leave signals to the others") {
    let signals = try Signals(.user1)
    try together(
      (0..<4).map { _ in
        {
          let blocked = try offload {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            usleep(5000)
            return sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGTERM) == 1
              && sigismember(&mask, SIGSEGV) == 0
          }
          try expect(blocked, "the mask")
        }
      })
    kill(getpid(), SIGUSR1)
    try expectEqual(try signals.next(until: .after(.seconds(5))), .user1)
  },
  Case("a child forked while the pool is busy has an empty pool that works") {
    let pool = OffloadPool(maximum: 2)
    let isOver = Flag()
    let busy = (0..<6).map { number in
      Fiber.spawn {
        try pool.run { () -> Int in
          while !isOver.value { usleep(1000) }
          return number
        }
      }
    }
    defer { isOver.set() }
    try eventually("a busy pool") { pool.statistics.running == 2 && pool.statistics.queued == 4 }
    for _ in 0..<20 {
      let status = inForkedChild {
        try expectEqual(pool.statistics, OffloadPool(maximum: 1).statistics)
        try expectEqual(pool.maximum, 2)
        let results = try (0..<3).map { number in try Fiber.spawn { try pool.run { number * 2 } }.value }
        try expectEqual(results, [0, 2, 4])
        try expectEqual(try offload { 9 }, 9)
        try expect(threadCount() >= 2, "\(threadCount()) threads")
        return 7
      }
      try expectEqual(status, exited(7), "the child's status")
    }
    isOver.set()
    try expectEqual(try busy.map { try $0.value }, Array(0..<6))
  },
  Case(
    "a child forked in the middle of other threads' wakes can be woken itself",
    skip: Sanitizer.skip(under: .thread, Sanitizer.locksGlobals)
  ) {
    let pool = OffloadPool(maximum: 4)
    var (isDone, rounds) = (false, 0)
    let busy = (0..<8).map { _ in
      Fiber.spawn {
        while !isDone {
          try pool.run {}
          rounds += 1
        }
      }
    }
    defer { isDone = true }
    // The Swift runtime's own locks are not mended in a child: no thread may be making a type when it forks.
    _ = try pool.run { 7 }
    while rounds < 1000 { Fiber.yield() }
    for _ in 0..<100 {
      Fiber.yield()
      try expectEqual(inForkedChild { Int32(try pool.run { 7 }) }, exited(7), "the child's status")
    }
    isDone = true
    for fiber in busy { try fiber.value }
  },
  Case("a fork inside an offloaded call") {
    let status = try offload { inForkedChild { 5 } }
    try expectEqual(status, exited(5), "the child's status")
  },
]

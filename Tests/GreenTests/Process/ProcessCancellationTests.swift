import Glibc
import Green
import SuiteSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

private func isThere(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

private func eventually(_ condition: () -> Bool) throws -> Bool {
  let deadline = Deadline.after(.seconds(10))
  while !condition() && !deadline.hasPassed { try Fiber.sleep(for: .milliseconds(2)) }
  return condition()
}

@Suite(.bounded) struct ProcessCancellationTests {
  @Test func cancellingARunKillsAndReapsTheChild() throws {
    try onHub {
      let pid = Green.Mutex<Int32>(0)
      let run = Fiber.spawn {
        try ChildProcess.run(["sh", "-c", "echo $$ > /dev/stderr; exec sleep 60"])
      }
      let child = Fiber.spawn {
        let child = try ChildProcess.spawn(["sleep", "60"])
        pid.withLock { $0 = child.pid }
        return try child.terminate(grace: .seconds(60))
      }
      try Fiber.sleep(for: .milliseconds(20))
      run.cancel()
      #expect(throws: CancellationError.self) { try run.value }
      let status = try child.value
      #expect(status == .signaled(.terminate, coreDumped: false))
      let isGone = try eventually { !isThere(pid.withLock { $0 }) }
      #expect(isGone)
    }
  }

  @Test func aTimeoutRoundARunKillsTheChild() throws {
    _ = try onHub {
      #expect(throws: TimeoutError.self) {
        _ = try withTimeout(.milliseconds(20)) { try ChildProcess.run(["sleep", "60"]) }
      }
    }
  }

  @Test func cancellingAWaitLeavesTheChildRunning() throws {
    try onHub {
      let child = try ChildProcess.spawn(["sleep", "60"])
      let waiter = Fiber.spawn { try child.wait() }
      try Fiber.sleep(for: .milliseconds(5))
      waiter.cancel()
      #expect(throws: CancellationError.self) { try waiter.value }
      let status = try child.status
      #expect(status == nil)
      try child.kill()
      let end = try child.wait()
      #expect(end == .signaled(.kill, coreDumped: false))
    }
  }

  @Test func cancellingEndsALoopOverSignalsOrFileEvents() throws {
    try onHub {
      let signals = Fiber.spawn { for _ in try Signals(.windowChange) {} }
      let files = Fiber.spawn {
        let watcher = try FileWatcher()
        try watcher.watch("/usr")
        for _ in watcher {}
      }
      let status = Fiber.spawn { for _ in try FileStatusWatcher("/no/such/file") {} }
      try Fiber.sleep(for: .milliseconds(20))
      for fiber in [signals, files, status] { fiber.cancel() }
      for fiber in [signals, files, status] { try fiber.value }
    }
  }

  @Test func aCancelledFiberDoesNotWaitForItsCall() throws {
    let pool = OffloadPool(maximum: 1)
    let isOpen = Atomic(false)
    let made = Atomic(0)
    try onHub {
      let running = Fiber.spawn { try pool.run { while !isOpen.load(ordering: .relaxed) { usleep(500) } } }
      while pool.statistics.running == 0 { try Fiber.sleep(for: .milliseconds(1)) }
      let queued = Fiber.spawn { try pool.run { _ = made.add(1, ordering: .relaxed) } }
      try Fiber.sleep(for: .milliseconds(10))
      for fiber in [running, queued] { fiber.cancel() }
      #expect(throws: CancellationError.self) { try running.value }
      #expect(throws: CancellationError.self) { try queued.value }
      let statistics = pool.statistics
      #expect(statistics.running == 1 && statistics.queued == 0)
      isOpen.store(true, ordering: .relaxed)
      try pool.run {}
      #expect(made.load(ordering: .relaxed) == 0)
    }
  }

  @Test func cancellationThatRacesWithCompletionNeitherHangsNorCrashes() throws {
    let pool = OffloadPool(maximum: 3)
    try onHub {
      for round in 0..<300 {
        let calls = (0..<8).map { number in Fiber.spawn { try pool.run { number } } }
        for _ in 0..<round % 7 { Fiber.yield() }
        for call in calls where round % 2 == 0 || call.id % 2 == 0 { call.cancel() }
        for (number, call) in calls.enumerated() {
          do {
            let value = try call.value
            #expect(value == number)
          } catch is CancellationError {}
        }
      }
      let isQuiet = try eventually { pool.statistics.running == 0 }
      #expect(isQuiet && pool.statistics.queued == 0)
    }
  }
}

import CaseSupport
import Glibc
import Green
import WaitCalls

private final class Gate {
  let mutex = allocated(pthread_mutex_t())
  let condition = allocated(pthread_cond_t())
  nonisolated(unsafe) var open = 0

  init(clock: clockid_t = CLOCK_REALTIME, isShared: Bool = false) {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, clock)
    if isShared { pthread_condattr_setpshared(&attributes, CInt(PTHREAD_PROCESS_SHARED)) }
    pthread_cond_init(condition, &attributes)
  }

  /// Waits for one to be let in.
  func pass() throws {
    try expectEqual(pthread_mutex_lock(mutex), 0)
    while open == 0 { try expectEqual(pthread_cond_wait(condition, mutex), 0, "cond_wait") }
    open -= 1
    try expectEqual(pthread_mutex_unlock(mutex), 0)
  }

  func letIn(_ count: Int, all: Bool) {
    pthread_mutex_lock(mutex)
    open += count
    if all { pthread_cond_broadcast(condition) } else { for _ in 0..<count { pthread_cond_signal(condition) } }
    pthread_mutex_unlock(mutex)
  }

  func timedPass(_ time: timespec) -> CInt {
    var time = time
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while open == 0 {
      let error = pthread_cond_timedwait(condition, mutex, &time)
      if error != 0 { return error }
    }
    open -= 1
    return 0
  }
}

let conditionCases = [
  Case("fibers wait for a condition that a fiber signals") {
    let gate = Gate()
    try whileOthersRun {
      let waiting = (0..<20).map { _ in Fiber.spawn { try gate.pass() } }
      usleep(30_000)
      gate.letIn(5, all: false)
      usleep(5000)
      try expectEqual(waiting.count { $0.isFinished }, 5, "let in")
      gate.letIn(15, all: true)
      for fiber in waiting { try fiber.value }
    }
  },
  Case("fibers and threads wait for one condition, which a thread broadcasts") {
    let gate = Gate()
    try whileOthersRun {
      let threads = (0..<3).map { _ in PlainThread { try? gate.pass() } }
      let fibers = (0..<3).map { _ in Fiber.spawn { try gate.pass() } }
      let other = PlainThread {
        usleep(50_000)
        gate.letIn(6, all: true)
      }
      for fiber in fibers { try fiber.value }
      for thread in threads { thread.join() }
      other.join()
    }
  },
  Case("a fiber signals a condition that a thread waits for") {
    let gate = Gate()
    let thread = PlainThread { try? gate.pass() }
    usleep(20_000)
    gate.letIn(1, all: false)
    thread.join()
    try expectEqual(gate.open, 0)
  },
  Case("fibers of two hubs hand a turn to and fro") {
    let gates = (Gate(), Gate())
    let other = PlainThread {
      try? Hub.run {
        for _ in 0..<200 {
          try gates.0.pass()
          gates.1.letIn(1, all: false)
        }
      }
    }
    for _ in 0..<200 {
      gates.0.letIn(1, all: false)
      try gates.1.pass()
    }
    other.join()
  },
  Case("a condition's deadline is of its own clock, and the mutex is held after it") {
    for clock in [CLOCK_REALTIME, CLOCK_MONOTONIC] {
      let gate = Gate(clock: clock)
      try whileOthersRun {
        let elapsed = seconds { _ = gate.timedPass(time(after: 60, clock)) }
        try expect(elapsed >= 0.05 && elapsed < 10, "took \(elapsed) s")
        try expectEqual(gate.timedPass(time(after: 5, clock)), ETIMEDOUT)
        try expectEqual(pthread_mutex_trylock(gate.mutex), 0, "trylock after it")
        pthread_mutex_unlock(gate.mutex)
        try expectEqual(gate.timedPass(timespec(tv_sec: 0, tv_nsec: -1)), EINVAL)
      }
    }
  },
  Case("a cancelled fiber waits for its condition all the same") {
    let gate = Gate()
    let fiber = Fiber.spawn { try gate.pass() }
    usleep(5000)
    fiber.cancel()
    usleep(5000)
    try expect(!fiber.isFinished, "it has ended")
    gate.letIn(1, all: false)
    try fiber.value
  },
  Case("a cancelled fiber, and one out of time, wait for a condition that processes share and rest meanwhile") {
    let gate = Gate(isShared: true)
    let used = clock()
    let cancelled = Fiber.spawn { try gate.pass() }
    let late = Fiber.spawn {
      do { try withTimeout(.milliseconds(5)) { try gate.pass() } } catch is TimeoutError {}
    }
    usleep(10_000)
    cancelled.cancel()
    let elapsed = try seconds {
      usleep(500_000)
      try expect(!cancelled.isFinished && !late.isFinished, "one has ended")
    }
    try expect(Double(clock() - used) / Double(CLOCKS_PER_SEC) * 2 < elapsed, "they kept the processor busy")
    gate.letIn(2, all: true)
    try cancelled.value
    try late.value
  },
  Case("a thousand turns through conditions and mutexes lose no wake") {
    let gate = Gate()
    nonisolated(unsafe) var passed = 0
    let fibers = (0..<50).map { _ in
      Fiber.spawn {
        for _ in 0..<20 {
          try gate.pass()
          passed += 1
        }
      }
    }
    let threads = (0..<2).map { _ in PlainThread { for _ in 0..<250 { gate.letIn(1, all: false) } } }
    for _ in 0..<500 {
      gate.letIn(1, all: false)
      if passed % 7 == 0 { sched_yield() }
      usleep(0)
    }
    for fiber in fibers { try fiber.value }
    for thread in threads { thread.join() }
    try expectEqual(passed, 1000)
  },
  Case(
    "C11's mutex, condition, join, sleep and once wait in the hub",
    skip: Sanitizer.skip(under: .thread, Sanitizer.ownsThreads)
  ) {
    try whileOthersRun {
      let waiter = Fiber.spawn { try expectEqual(calls_c11_wait(), 0, "cnd_wait") }
      try expectEqual(calls_thrd_sleep(30), 0, "thrd_sleep")
      calls_c11_set()
      try waiter.value
      try expectEqual(calls_c11_timed_wait(30), 1, "cnd_timedwait")
      try expectEqual(calls_c11_join(30), 7, "thrd_join")
    }
    nonisolated(unsafe) let counter = allocated(0)
    onceCounter = counter
    try together(
      (0..<5).map { _ in
        {
          calls_c11_once {
            usleep(10_000)
            onceCounter!.pointee += 1
          }
          try expectEqual(counter.pointee, 1, "call_once")
        }
      })
  },
]

private nonisolated(unsafe) var onceCounter: UnsafeMutablePointer<Int>?

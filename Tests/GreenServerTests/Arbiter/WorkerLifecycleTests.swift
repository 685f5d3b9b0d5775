import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

let second: Int64 = 1_000_000_000

/// A lifecycle with a clock and the actions other than log lines.
struct Course {
  var lifecycle: WorkerLifecycle
  var now: Int64 = 100 * second
  var log: [String] = []

  init(workers: Int, timeout: Int64 = 30 * second, graceful: Int64 = 30 * second) {
    self.init(.init(workers: workers, timeout: timeout, gracefulTimeout: graceful))
  }

  init(_ limits: WorkerLifecycle.Limits, isSuccessor: Bool = false, hasTerminal: Bool = true) {
    lifecycle = WorkerLifecycle(limits, isSuccessor: isSuccessor, hasTerminal: hasTerminal)
  }

  mutating func start() -> [WorkerLifecycle.Action] { sort(lifecycle.start(at: now)) }

  mutating func tell(_ events: WorkerLifecycle.Event...) -> [WorkerLifecycle.Action] {
    events.flatMap { sort(lifecycle.handle($0, at: now)) }
  }

  mutating func pass(_ time: Int64) -> [WorkerLifecycle.Action] {
    now += time
    return tell(.tick)
  }

  /// A server with workers 1, 2, … in slots 0, 1, … all ready.
  static func ready(_ count: Int, timeout: Int64 = 30 * second, graceful: Int64 = 30 * second) -> Course {
    Course(workers: count, timeout: timeout, graceful: graceful).started()
  }

  /// The same with all workers ready.
  func started() -> Course {
    var course = self
    for action in course.start() {
      guard case .spawn(let slot, _) = action else { continue }
      _ = course.tell(.spawned(slot: slot, pid: pid_t(slot + 1)), .ready(slot: slot))
    }
    return course
  }

  fileprivate mutating func sort(_ actions: [WorkerLifecycle.Action]) -> [WorkerLifecycle.Action] {
    var others: [WorkerLifecycle.Action] = []
    for action in actions {
      if case .log(let level, let text) = action { log.append("\(level) \(text)") } else { others.append(action) }
    }
    return others
  }
}

@Suite(.bounded) struct WorkerLifecycleTests {
  @Test func `as many workers are started as were asked for`() {
    var course = Course(workers: 3)
    #expect(course.start() == [.spawn(slot: 0), .spawn(slot: 1), .spawn(slot: 2)])
    #expect(course.pass(0) == [])
  }

  @Test func `a worker that dies after a good life is replaced at once`() {
    var course = Course.ready(2)
    _ = course.pass(5 * second)
    #expect(course.tell(.ended(pid: 1, .killed(signal: SIGKILL))) == [.spawn(slot: 0)])
    #expect(course.log == ["error Worker (pid:1) was sent SIGKILL! Perhaps out of memory?"])
  }

  @Test func `the first early death is no reason to wait either, the next ones are`() {
    var course = Course.ready(1)
    var waits: [Int64] = []
    for pid in pid_t(1)...9 {
      #expect(course.tell(.ended(pid: pid, .exited(1))) == (pid == 1 ? [.spawn(slot: 0)] : []))
      if pid > 1 {
        let wait = (course.lifecycle.nextWake ?? 0) - course.now
        waits.append(wait / (second / 10))
        #expect(course.pass(wait) == [.spawn(slot: 0)])
      }
      #expect(course.tell(.spawned(slot: 0, pid: pid + 1), .ready(slot: 0)) == [])
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 50, 50])
  }

  @Test func `if none was ever ready the server exits with 3`() {
    var course = Course(workers: 2)
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1), .spawned(slot: 1, pid: 2))
    #expect(course.tell(.startFailed(slot: 0, reason: "no database"), .ended(pid: 1, .exited(3))) == [])
    #expect(course.log.contains("error Worker (pid:1) failed to start: no database"))
    #expect(course.pass(10 * second) == [])
    #expect(course.tell(.ended(pid: 2, .killed(signal: SIGSEGV))) == [.exit(status: 3)])
    #expect(course.log.contains("error Worker (pid:2) failed to start: it was killed by SIGSEGV before it was ready"))
    #expect(course.log.last == "error Reason: Worker failed to boot.")
  }

  @Test func `TTOU takes those away that have failed before one that still starts`() {
    var course = Course(workers: 2)
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1), .spawned(slot: 1, pid: 2), .ended(pid: 2, .exited(3)))
    #expect(course.tell(.signal(SIGTTOU)) == [])
    #expect(course.tell(.ended(pid: 1, .exited(3))) == [.exit(status: 3)])
  }

  @Test func `where TTOU has taken the last away that could have started, the server exits with 3`() {
    var course = Course(workers: 2)
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1), .spawned(slot: 1, pid: 2))
    #expect(course.tell(.signal(SIGTTOU)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.tell(.ended(pid: 2, .exited(3))) == [])
    #expect(course.tell(.ended(pid: 1, .killed(signal: SIGTERM))) == [.exit(status: 3)])
  }

  @Test func `one that failed is tried again once another is ready`() {
    var course = Course(workers: 2)
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1), .spawned(slot: 1, pid: 2), .ended(pid: 1, .exited(3)))
    #expect(course.tell(.ready(slot: 1)) == [])
    #expect(course.pass(second / 10) == [.spawn(slot: 0)])
  }

  @Test func `a process that cannot be made is tried again, and ends the server if it was the first`() {
    var course = Course(workers: 2)
    _ = course.start()
    #expect(course.tell(.spawnFailed(slot: 0, reason: "no memory")) == [])
    #expect(course.tell(.spawnFailed(slot: 1, reason: "no memory")) == [.exit(status: 3)])
    course = .ready(1)
    #expect(course.tell(.ended(pid: 1, .exited(0))) == [.spawn(slot: 0)])
    #expect(course.tell(.spawnFailed(slot: 0, reason: "no memory")) == [])
    #expect(course.pass(second) == [.spawn(slot: 0)])
  }

  @Test func `a silent worker is aborted, then killed, and replaced`() {
    var course = Course.ready(2, timeout: 2 * second)
    course.now += 2 * second
    _ = course.tell(.heartbeat(slot: 0, at: course.now), .heartbeat(slot: 1, at: course.now - 2 * second))
    #expect(course.tell(.tick) == [.kill(pid: 2, signal: SIGABRT)])
    #expect(course.pass(second / 2) == [])
    #expect(course.pass(second / 2) == [.reportTimeout(slot: 1, pid: 2), .kill(pid: 2, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 2, .killed(signal: SIGKILL))) == [.spawn(slot: 1)])
    // It was the master's own doing.
    #expect(course.log == [])
  }

  @Test func `a silent worker that obeys is reported when it is gone`() {
    var course = Course.ready(1, timeout: 2 * second)
    #expect(course.pass(2 * second) == [.kill(pid: 1, signal: SIGABRT)])
    #expect(
      course.tell(.ended(pid: 1, .killed(signal: SIGABRT))) == [.reportTimeout(slot: 0, pid: 1), .spawn(slot: 0)])
  }

  @Test func `no worker is silent only because nobody has looked`() {
    var course = Course.ready(3, timeout: 2 * second)
    course.now += 5 * second
    for slot in 0..<3 { #expect(course.tell(.heartbeat(slot: slot, at: course.now)) == []) }
    #expect(course.tell(.tick) == [])
    #expect(course.lifecycle.nextWake == course.now + 2 * second)
  }

  @Test func `a start that hangs is cut off as well`() {
    var course = Course(workers: 1, timeout: 2 * second)
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1))
    #expect(course.pass(2 * second) == [.kill(pid: 1, signal: SIGABRT)])
    #expect(
      course.tell(.ended(pid: 1, .killed(signal: SIGABRT))) == [.reportTimeout(slot: 0, pid: 1), .exit(status: 3)])
    #expect(course.log.contains("error Worker (pid:1) failed to start: it did not serve within 2 s"))
  }

  @Test func `a start has a time of its own, and a worker that serves has its own`() {
    var course = Course(.init(workers: 1, timeout: 2 * second, gracefulTimeout: 0, bootTimeout: 5 * second))
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1))
    #expect(course.pass(4 * second) == [])
    #expect(course.tell(.ready(slot: 0)) == [])
    #expect(course.pass(second) == [])
    #expect(course.pass(second) == [.kill(pid: 1, signal: SIGABRT)])
    course = Course(.init(workers: 1, timeout: 0, gracefulTimeout: 0, bootTimeout: second))
    _ = course.start()
    _ = course.tell(.spawned(slot: 0, pid: 1))
    #expect(course.pass(second) == [.kill(pid: 1, signal: SIGABRT)])
  }

  @Test func `who is killed for want of memory is told from who is not`() {
    for (forMemory, text) in [
      (true, "Out of memory: the kernel has killed a process of its control group."),
      (false, "Not by the kernel for want of memory, which has killed none of its control group."),
    ] {
      var course = Course.ready(1)
      _ = course.tell(.ended(pid: 1, .killed(signal: SIGKILL), during: "GET /big", forMemory: forMemory))
      #expect(course.log == ["error Worker (pid:1) was sent SIGKILL! \(text) In GET /big"])
    }
  }

  @Test func `without a timeout nobody is killed`() {
    var course = Course.ready(1, timeout: 0)
    #expect(course.lifecycle.nextWake == nil)
    #expect(course.pass(100_000 * second) == [])
  }

  @Test func `TERM drains, and kills after the graceful timeout`() {
    var course = Course.ready(2, graceful: 10 * second)
    #expect(
      course.tell(.signal(SIGTERM)) == [
        .stopListening, .kill(pid: 1, signal: SIGTERM), .kill(pid: 2, signal: SIGTERM),
      ])
    #expect(course.tell(.ended(pid: 1, .exited(0))) == [])
    #expect(course.pass(9 * second) == [])
    #expect(course.pass(second) == [.kill(pid: 2, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 2, .killed(signal: SIGKILL))) == [.exit(status: 0)])
    #expect(
      course.log == [
        "info Handling signal: term",
        "warning Worker (pid:2) has not finished within the graceful timeout and is killed",
        "info Shutting down: Master",
      ])
  }

  @Test func `TERM waits for no worker that hangs in its start`() {
    var course = Course.ready(1)
    _ = course.tell(.signal(SIGTTIN), .spawned(slot: 1, pid: 2))
    #expect(
      course.tell(.signal(SIGTERM)) == [
        .stopListening, .kill(pid: 1, signal: SIGTERM), .kill(pid: 2, signal: SIGTERM),
      ])
    #expect(course.tell(.ended(pid: 1, .exited(0))) == [])
    #expect(course.lifecycle.nextWake == course.now + 2 * second)
    #expect(course.pass(2 * second) == [.kill(pid: 2, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 2, .killed(signal: SIGKILL))) == [.exit(status: 0)])
  }

  @Test(arguments: [SIGINT, SIGQUIT]) func `INT and QUIT stop at once, and kill after two seconds`(signal: CInt) {
    var course = Course.ready(1)
    #expect(course.tell(.signal(signal)) == [.stopListening, .kill(pid: 1, signal: SIGQUIT)])
    #expect(course.pass(2 * second) == [.kill(pid: 1, signal: SIGKILL)])
  }

  @Test func `a second signal hastens`() {
    var course = Course.ready(1)
    _ = course.tell(.signal(SIGTERM))
    #expect(course.tell(.signal(SIGINT)) == [.kill(pid: 1, signal: SIGQUIT)])
    #expect(course.log.last == "info Quick shutdown requested")
    #expect(course.tell(.signal(SIGINT)) == [.kill(pid: 1, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 1, .killed(signal: SIGKILL))) == [.exit(status: 0)])
    #expect(course.tell(.tick) == [])
  }

  @Test func `a server without workers stops at once`() {
    var course = Course.ready(1)
    _ = course.tell(.ended(pid: 1, .exited(1)), .spawnFailed(slot: 0, reason: "no memory"))
    #expect(course.tell(.signal(SIGTERM)) == [.stopListening, .exit(status: 0)])
  }

  @Test func `TTIN adds a worker, in the first free slot`() {
    var course = Course.ready(2)
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 2)])
    #expect(course.tell(.spawned(slot: 2, pid: 3), .ready(slot: 2)) == [])
    #expect(course.log == ["info Handling signal: ttin"])
    #expect(course.lifecycle.slotCount == 3)
  }

  @Test func `TTOU lets the oldest worker finish, and nobody come after it`() {
    var course = Course.ready(2, graceful: 10 * second)
    #expect(course.tell(.signal(SIGTTOU)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.pass(9 * second) == [])
    #expect(course.tell(.ended(pid: 1, .exited(0))) == [])
    // One stays.
    #expect(course.tell(.signal(SIGTTOU)) == [])
    // Its slot is free for another.
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 0)])
  }

  @Test func `a worker that does not leave in time is killed, and is not watched meanwhile`() {
    var course = Course.ready(2, timeout: 2 * second, graceful: 10 * second)
    _ = course.tell(.signal(SIGTTOU))
    for _ in 0..<9 {
      course.now += second
      #expect(course.tell(.heartbeat(slot: 1, at: course.now), .tick) == [])
    }
    course.now += second
    #expect(course.tell(.heartbeat(slot: 1, at: course.now), .tick) == [.kill(pid: 1, signal: SIGKILL)])
    #expect(course.tell(.ended(pid: 1, .killed(signal: SIGKILL))) == [])
  }

  @Test func `who takes over a place does not wait for the one who leaves`() {
    var course = Course.ready(1)
    _ = course.tell(.signal(SIGTTIN), .spawned(slot: 1, pid: 2), .ready(slot: 1))
    #expect(course.tell(.signal(SIGTTOU)) == [.kill(pid: 1, signal: SIGTERM)])
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 2)])
  }

  @Test func `there are never more workers than slots`() {
    var course = Course.ready(1)
    course.lifecycle = WorkerLifecycle(.init(workers: 1, timeout: 0, gracefulTimeout: 0), mostSlots: 2)
    _ = course.start()
    #expect(course.tell(.signal(SIGTTIN)) == [.spawn(slot: 1)])
    #expect(course.tell(.signal(SIGTTIN)) == [])
  }

  @Test func `USR1 is handed on to every worker, and to one that starts when it can hear it`() {
    var course = Course.ready(2)
    _ = course.tell(.signal(SIGTTIN), .spawned(slot: 2, pid: 3))
    #expect(course.tell(.signal(SIGUSR1)) == [.kill(pid: 1, signal: SIGUSR1), .kill(pid: 2, signal: SIGUSR1)])
    #expect(course.tell(.ready(slot: 2)) == [.kill(pid: 3, signal: SIGUSR1)])
    #expect(course.log.last == "info Handling signal: usr1")
  }

  @Test func `WINCH means nothing to a server that has a terminal`() {
    var course = Course.ready(1)
    #expect(course.tell(.signal(SIGWINCH)) == [])
    #expect(course.log == ["info Handling signal: winch", "debug SIGWINCH ignored. Not daemonized"])
  }

  @Test func `children of others are no concern`() {
    var course = Course.ready(1)
    #expect(course.tell(.ended(pid: 77, .exited(3))) == [])
    #expect(course.log == ["debug Reaped unknown process (pid:77)"])
  }
}

import CLibEv
import CaseSupport
import Glibc
import Green

/// Runs a hidden case in a process of its own, in which every fiber waits in vain: what it wrote to standard error.
private func deadlocked(_ name: String, line: Int = #line) throws -> String {
  let result = try ChildProcess.run(["/proc/self/exe", name], until: .after(.seconds(30)))
  let (output, error) = (String(decoding: result.output, as: UTF8.self), String(decoding: result.error, as: UTF8.self))
  try expectEqual(result.status, .exited(1), "the status, after \(output)\(error)", line: line)
  try expect(
    output.hasPrefix("FAILED \(name): every fiber waits for something that can never happen"), output, line: line)
  try expect(error.contains("greenfinch: every fiber waits for something that can never happen"), error, line: line)
  return error
}

@inline(never)
private func holdAndWant(_ first: Mutex<Int>, _ second: Mutex<Int>) throws {
  try first.withLock { _ in
    try Fiber.sleep(for: .milliseconds(5))
    second.withLock { $0 += 1 }
  }
}

/// In a process of one thread: `body` waits, and that is not taken for a deadlock.
private func isNoDeadlock(_ body: () throws -> Void) throws { try isolated { try body() } }

let deadlockCases = [
  // MARK: What is one

  Case("two fibers want each other's mutex", isHidden: true) {
    let (a, b) = (Mutex(0), Mutex(0))
    let one = Fiber.spawn(name: "one") { try holdAndWant(a, b) }
    let two = Fiber.spawn(name: "two") { try holdAndWant(b, a) }
    try one.value
    try two.value
  },
  Case("two fibers that want each other's mutex are told, and the hub ends") {
    let error = try deadlocked("two fibers want each other's mutex")
    try expect(error.contains("hold a lock each and wait for the next one's"), error)
    try expect(error.contains("\"one\" parked") && error.contains("\"two\" parked"), error)
    try expect(error.contains("2 fibers still wait for locks that nobody will give back"), error)
    try expect(error.contains("holdAndWant"), error)
  },
  Case("a receive without a sender", isHidden: true) {
    let channel = Channel<Int>()
    _ = try channel.receive()
  },
  Case("a receive that nobody sends to is told, and the hub ends") {
    let error = try deadlocked("a receive without a sender")
    try expect(error.contains("\"main\" parked") && error.contains("waits for an element of the channel 0x"), error)
  },
  Case("a receive beside a timer of no time", isHidden: true) {
    Hub.current!.after(.seconds(Int64.max)) {}
    _ = try Channel<Int>().receive()
  },
  Case("a timer that never fires hides no deadlock") {
    _ = try deadlocked("a receive beside a timer of no time")
  },
  Case(
    "a receive beside an idle thread of a pool", isHidden: true,
    skip: Sanitizer.skip(under: .thread, "its own thread never ends")
  ) {
    let pool = OffloadPool(maximum: 1, idleTimeout: .milliseconds(50))
    try pool.run {}
    _ = try Channel<Int>().receive()
  },
  Case(
    "a receive that nobody sends to is told once another thread has ended",
    skip: Sanitizer.skip(under: .thread, "its own thread never ends")
  ) {
    _ = try deadlocked("a receive beside an idle thread of a pool")
  },
  Case("a join of who waits for an event", isHidden: true) {
    let event = Event()
    defer { print("the clean-up ran") }
    try Fiber.spawn(name: "patient") { try event.wait() }.join()
  },
  Case("a join of a fiber that waits in vain is told, and the hub ends") {
    let result = try ChildProcess.run(["/proc/self/exe", "a join of who waits for an event"])
    let (output, error) = (
      String(decoding: result.output, as: UTF8.self), String(decoding: result.error, as: UTF8.self)
    )
    try expectEqual(result.status, .exited(1))
    try expect(output.hasPrefix("the clean-up ran\nFAILED"), output)
    try expect(error.contains("waits for the end of fiber") && error.contains("\"patient\" parked"), error)
    try expect(error.contains("waits for the event 0x"), error)
  },
  Case("after a hub that was left behind the thread has another") {
    let names = ["two fibers want each other's mutex", "a receive without a sender"]
    let result = try ChildProcess.run(["/proc/self/exe"] + names)
    let output = String(decoding: result.output, as: UTF8.self)
    for name in names { try expect(output.contains("FAILED \(name): every fiber waits"), output) }
  },

  // MARK: What only looks like one

  Case("offloaded work is waited for") {
    try isNoDeadlock { try expectEqual(offload { usleep(200_000) }, 0) }
  },
  Case("another thread with a handle is waited for") {
    try isNoDeadlock {
      let (event, remote) = (Event(), Hub.current!.remote)
      let thread = PlainThread {
        usleep(200_000)
        remote.run { event.set() }
      }
      try event.wait()
      thread.join()
    }
  },
  Case("another thread without a handle is waited for") {
    try isNoDeadlock {
      let event = Event()
      let thread = PlainThread {
        usleep(200_000)
        event.set()
      }
      try event.wait()
      thread.join()
    }
  },
  Case("a thread that holds a mutex is waited for") {
    try isNoDeadlock {
      let (mutex, isHeld) = (Mutex(0), Event())
      let thread = PlainThread {
        mutex.withLock { _ in
          isHeld.set()
          usleep(200_000)
        }
      }
      try isHeld.wait()
      mutex.withLock { $0 += 1 }
      thread.join()
    }
  },
  Case("a guest's watcher on the loop is waited for") {
    try isNoDeadlock {
      final class Guest { let event = Event() }
      let guest = Guest()
      let timer = UnsafeMutablePointer<ev_timer>.allocate(capacity: 1)
      timer.initialize(to: ev_timer())
      cev_timer_init(
        timer,
        { _, timer, _ in Unmanaged<Guest>.fromOpaque(timer!.pointee.data).takeUnretainedValue().event.set() }, 0.2)
      timer.pointee.data = Unmanaged.passUnretained(guest).toOpaque()
      ev_timer_start(Hub.current!.loop, timer)
      try guest.event.wait()
      timer.deallocate()
    }
  },
  Case("descriptors, children, signals and timers are waited for") {
    try isNoDeadlock {
      let child = try ChildProcess.spawn(["/bin/sleep", "0.2"])
      try expectEqual(try child.wait(), .exited(0))
      let signals = try Signals(.user1)
      let killer = try ChildProcess.spawn(["/bin/sh", "-c", "sleep 0.1; kill -USR1 \(getpid())"])
      try expectEqual(try signals.next(until: .never), .user1)
      signals.close()
      try expectEqual(try killer.wait(), .exited(0))
      let (read, write) = makePipe()
      let writer = try ChildProcess.run(["/bin/sh", "-c", "sleep 0.1; echo hello"])
      try expectEqual(String(decoding: writer.output, as: UTF8.self), "hello\n")
      close(read)
      close(write)
      try Fiber.sleep(for: .milliseconds(100))
    }
  },

  // MARK: Circles of locks while the rest goes on

  Case("a circle of locks beside others that go on", isHidden: true) {
    let (a, b, c) = (Mutex(0), Mutex(0), Mutex(0))
    Fiber.spawn(name: "first") { try holdAndWant(a, b) }
    Fiber.spawn(name: "second") { try holdAndWant(b, c) }
    Fiber.spawn(name: "third") { try holdAndWant(c, a) }
    try Fiber.sleep(for: .milliseconds(200))
    print("the rest goes on")
    fflush(nil)
    _exit(0)
  },
  Case("a circle of locks is told once, although the rest of the program goes on") {
    let result = try ChildProcess.run(["/proc/self/exe", "a circle of locks beside others that go on"])
    let (output, error) = (
      String(decoding: result.output, as: UTF8.self), String(decoding: result.error, as: UTF8.self)
    )
    try expectEqual(result.status, .exited(0))
    try expectEqual(output, "the rest goes on\n")
    let reports = error.split(separator: "\n").filter { $0.contains("hold a lock each") }
    try expectEqual(reports.count, 1, error)
    for name in ["first", "second", "third"] { try expect(error.contains("\"\(name)\""), error) }
    try expect(error.components(of: "holdAndWant") >= 3, error)
  },
  Case("waits for a mutex that end are no circle", isHidden: true) {
    let (a, b) = (Mutex(0), Mutex(0))
    let one = Fiber.spawn {
      try a.withLock { _ in
        try Fiber.sleep(for: .milliseconds(5))
        try? b.withLock(until: .after(.milliseconds(50))) { $0 += 1 }
      }
    }
    let two = Fiber.spawn { try holdAndWant(b, a) }
    let many = (0..<500).map { _ in Fiber.spawn { a.withLock { $0 += 1 } } }
    try one.value
    try two.value
    for fiber in many { try fiber.value }
  },
  Case("waits for a mutex that have a deadline are not told as a circle") {
    // On a busy machine the watchdog would have something to tell too.
    setenv("GREEN_MAX_BLOCKING_TIME", "0", 1)
    defer { unsetenv("GREEN_MAX_BLOCKING_TIME") }
    let result = try ChildProcess.run(["/proc/self/exe", "waits for a mutex that end are no circle"])
    try expectEqual(result.status, .exited(0))
    try expectEqual(String(decoding: result.error, as: UTF8.self), "")
  },
]

extension String {
  fileprivate func components(of part: String) -> Int {
    var (count, rest) = (0, self[...])
    while let found = rest.firstRange(of: part) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}

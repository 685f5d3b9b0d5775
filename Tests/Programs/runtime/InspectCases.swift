import CaseSupport
import Glibc
import Green
import Synchronization

/// Runs a hidden case of this program in a process of its own.
private func runHidden(_ name: String, _ environment: [String: String] = [:]) throws -> (
  status: ExitStatus, error: String
) {
  for (name, value) in environment { setenv(name, value, 1) }
  defer { for name in environment.keys { unsetenv(name) } }
  let result = try ChildProcess.run(["/proc/self/exe", name])
  return (result.status, String(decoding: result.error, as: UTF8.self))
}

extension String {
  /// How often it has the text.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}

private func say(_ text: String) {
  let line = text + "\n"
  _ = line.withCString { write(2, $0, line.utf8.count) }
}

@inline(never)
private func computeForEver() {
  // What an optimiser cannot know to be so for ever.
  let isDone = Atomic(false)
  while !isDone.load(ordering: .relaxed) {}
}

@inline(never)
private func compute(milliseconds: Int) {
  let end = Deadline.after(.milliseconds(milliseconds))
  while !end.hasPassed {}
}

let inspectCases = [
  Case("a fiber that never gives the thread back", isHidden: true) {
    // For what never comes.
    alarm(30)
    let ((told, errors), standardError) = (makePipe(), dup(2))
    dup2(errors, 2)
    // Passes on what is told, and ends the process when that is all.
    _ = PlainThread {
      var (text, part) = ("", [UInt8](repeating: 0, count: 4096))
      while !text.contains("computeForEver"), case let count = read(told, &part, part.count), count > 0 {
        write(standardError, part, count)
        text += String(decoding: part[..<count], as: UTF8.self)
      }
      kill(getpid(), SIGALRM)
    }
    try Fiber.spawn(name: "endless") { computeForEver() }.value
  },
  Case(
    "a fiber that never gives the thread back is told while it runs",
    skip: Sanitizer.skip(under: .thread, Sanitizer.holdsSignalsBack)
  ) {
    let (status, error) = try runHidden(
      "a fiber that never gives the thread back", ["GREEN_MAX_BLOCKING_TIME": "50ms"])
    try expectEqual(status, .signaled(.alarm, coreDumped: false), "the status")
    let held = error.split(separator: "\"endless\" has held the thread for ", maxSplits: 1).last ?? ""
    // After ten times the limit, or when a busy machine gives the thread the processor again.
    try expect((Int(held.prefix { $0.isNumber }) ?? 0) >= 500, error)
    try expect(error.contains("computeForEver"), error)
  },
  Case("a signal and a fiber that waits", isHidden: true) {
    let stuck = Fiber.spawn(name: "stuck") { try Event().wait() }
    Fiber.yield()
    kill(getpid(), SIGUSR2)
    try Fiber.sleep(for: .milliseconds(50))
    say("in the child")
    let status = inForkedChild {
      Fiber.spawn(name: "another") { try Fiber.sleep(for: .seconds(1)) }
      Fiber.yield()
      kill(getpid(), SIGUSR2)
      try Fiber.sleep(for: .milliseconds(50))
      return 7
    }
    try expectEqual(status, exited(7), "the child's status")
    stuck.cancel()
  },
  Case("at the signal that the environment names the fibers are told, in a forked child too") {
    let (status, error) = try runHidden("a signal and a fiber that waits", ["GREEN_DUMP_SIGNAL": "usr2"])
    try expectEqual(status, .exited(0), error)
    let parts = error.split(separator: "in the child\n", maxSplits: 1)
    try expectEqual(parts.count, 2, error)
    try expect(parts[0].contains("\"stuck\" parked") && parts[0].contains("waits for the event"), error)
    try expect(parts[1].contains("\"another\" parked") && !parts[1].contains("stuck"), error)
    let (silent, _) = try runHidden("a signal and a fiber that waits")
    try expectEqual(silent, .signaled(.user2, coreDumped: false), "without the setting")
  },
  Case("a signal that cannot be caught is refused with a sentence, and nothing else happens") {
    let (_, error) = try runHidden("a signal and a fiber that waits", ["GREEN_DUMP_SIGNAL": "KILL"])
    try expect(error.contains("GREEN_DUMP_SIGNAL is \"KILL\", not the name of a signal that can be caught"), error)
  },
  Case("all wait in vain", isHidden: true) {
    let broadcast = BroadcastChannel<Int>(capacity: 1)
    let (receiver, changes) = (broadcast.receiver(), Watch(0).changes())
    let waits: [() throws -> Void] = [
      { try Latch(1).wait() }, { try Barrier(2).wait() }, { try Semaphore(1).acquire(2) },
      { _ = try receiver.receive() }, { _ = try changes.next(until: .never) },
      {
        _ = try SingleFlight<Int, Int>().value(for: 1) {
          try Event().wait(); return 1
        }
      },
    ]
    for fiber in waits.map({ wait in Fiber.spawn { try wait() } }) { try fiber.join() }
  },
  Case("what all wait for in vain is told, and everybody ends") {
    let (status, error) = try runHidden("all wait in vain")
    try expect(status != .exited(0) && status.description.contains("exit"), "\(status): \(error)")
    for words in [
      "the latch", "the others at the barrier", "the semaphore", "an element of the broadcast",
      "a change of the watched value", "the promise", "the event",
    ] { try expect(error.contains("waits for " + words), "\(words): \(error)") }
  },
  Case("two that wait for one another", isHidden: true) {
    var second: Fiber<Void>?
    let first = Fiber.spawn(name: "first") {
      Fiber.yield()
      try second?.join()
    }
    second = Fiber.spawn(name: "second") { try first.join() }
    for _ in 0..<20 { try Fiber.sleep(for: .milliseconds(5)) }
    first.cancel()
    try second?.join()
  },
  Case("fibers that wait for one another are reported once, where the environment asks for it") {
    let (status, error) = try runHidden("two that wait for one another", ["GREEN_LEAK_CHECK": "10ms"])
    try expectEqual(status, .exited(0), error)
    try expectEqual(error.components(of: "2 fibers wait for what can never happen"), 1, error)
    try expect(error.contains("\"first\" parked") && error.contains("\"second\" parked"), error)
    let (_, silent) = try runHidden("two that wait for one another")
    try expect(!silent.contains("never happen"), silent)
  },
  Case("two hubs and a child", isHidden: true) {
    try Fiber.spawn(name: "in the parent") { try Fiber.sleep(for: .milliseconds(1)) }.value
    let thread = PlainThread { try? Hub.run { try Fiber.sleep(for: .milliseconds(1)) } }
    thread.join()
    let status = inForkedChild {
      try Fiber.spawn(name: "in the child") { try Fiber.sleep(for: .milliseconds(1)) }.value
      Hub.current!.endTraces()
      return 7
    }
    try expectEqual(status, exited(7), "the child's status")
  },
  Case("the environment asks for a trace of each hub of each process") {
    let folder = "/tmp/green-trace-\(getpid())"
    mkdir(folder, 0o700)
    defer { _ = try? ChildProcess.run(["/bin/rm", "-r", folder]) }
    let (status, error) = try runHidden("two hubs and a child", ["GREEN_TRACE": folder + "/trace"])
    try expectEqual(status, .exited(0), error)
    let texts = try ChildProcess.run([
      "/bin/sh", "-c", "for f in \(folder)/trace-*.json; do cat $f; echo; echo ====; done",
    ])
    let traces = String(decoding: texts.output, as: UTF8.self).split(separator: "\n====").filter { $0.contains("{") }
    try expectEqual(traces.count, 3, "traces")
    try expect(traces.allSatisfy { $0.contains("[\n{") && $0.contains("}\n]") }, "whole arrays")
    try expectEqual(traces.filter { $0.contains("in the parent") }.count, 1, "the parent's")
    try expectEqual(traces.filter { $0.contains("in the child") }.count, 1, "the child's")
  },
  Case("in a forked child the watchdog goes on") {
    try isolated {
      var reports: [BlockingReport] = []
      try Hub.current!.watchdog(limit: .milliseconds(50)) { reports.append($0) }
      let status = inForkedChild {
        compute(milliseconds: 300)
        try Fiber.sleep(for: .milliseconds(1))
        // A busy machine may keep the thread elsewhere for longer too.
        return Int32(min(reports.count, 1))
      }
      try expectEqual(status, exited(1), "whether there are reports in the child")
      try expectEqual(reports.count, 0, "reports in the parent")
    }
  },
  Case("the limit is read from the environment, in seconds or with a unit") {
    for value in ["0.05", "50ms"] {
      let (status, error) = try runHidden("a slow fiber", ["GREEN_MAX_BLOCKING_TIME": value])
      try expectEqual(status, .exited(0))
      try expect(error.contains("\"slow\" held the thread for ") && error.contains("the limit is 50 ms"), error)
    }
    let (_, error) = try runHidden("a slow fiber", ["GREEN_MAX_BLOCKING_TIME": "0"])
    try expectEqual(error, "")
  },
  Case("a slow fiber", isHidden: true) {
    try Fiber.spawn(name: "slow") { compute(milliseconds: 400) }.value
  },
  Case("a setting that cannot be understood is told, and the default is used") {
    let (status, error) = try runHidden("the settings", ["GREEN_STACK_SIZE": "much", "GREEN_OFFLOAD_THREADS": "7"])
    try expectEqual(status, .exited(0))
    let lines = error.split(separator: "\n")
    try expectEqual(
      lines.first.map(String.init),
      "greenfinch: GREEN_STACK_SIZE is \"much\", not a number of bytes from 32768 to 68719476736, such as 65536, 64K or 1M; "
        + "the default, 524288, is used")
    try expect(lines.contains("GREEN_STACK_SIZE = 524288  (the default)"), error)
    try expect(lines.contains("GREEN_OFFLOAD_THREADS = 7  (set by the environment; the default is 10)"), error)
  },
  Case("the settings", isHidden: true) { say(Settings.table) },
  Case("every backend that the kernel has runs a hub") {
    for backend in Settings.Backend.allCases where backend != .kqueue {
      let (status, error) = try runHidden("a little of everything", ["GREEN_BACKEND": backend.rawValue])
      try expectEqual(status, .exited(0), "\(backend): \(error)")
    }
    // Of libev's two that end the process for a closed descriptor, as of what it does not have, epoll is the substitute.
    for backend in ["iouring", "linuxaio"] {
      let (status, error) = try runHidden("a little of everything", ["GREEN_BACKEND": backend])
      let sentence =
        "greenfinch: GREEN_BACKEND is \"\(backend)\", not epoll, poll, select or kqueue; the default, epoll, is used"
      try expect(status == .exited(0) && error.hasPrefix(sentence), "\(backend): \(error)")
    }
    let (status, error) = try runHidden("a little of everything", ["GREEN_BACKEND": "kqueue"])
    let sentence =
      "greenfinch: GREEN_BACKEND is kqueue, which this kernel or this libev does not have; another is used"
    try expect(status == .exited(0) && error.hasPrefix(sentence), error)
  },
  Case("a little of everything", isHidden: true) {
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let server = Fiber.spawn {
      let socket = try listener.accept()
      try Fiber.sleep(for: .milliseconds(5))
      try ([1, 2, 3] as [UInt8]).withUnsafeBytes { try socket.send($0) }
    }
    let client = try Socket.connect(to: listener.address!)
    var bytes = [UInt8](repeating: 0, count: 8)
    let count = try bytes.withUnsafeMutableBytes { try client.receive(into: $0, until: .after(.seconds(10))) }
    try expectEqual(Array(bytes[..<count]), [1, 2, 3])
    try server.value
  },
  Case("an idle hub", isHidden: true) {
    let (read, _) = makePipe()
    let idle = Fiber.spawn { try? Readiness.wait(for: read, .read) }
    let event = Event()
    let other = Fiber.spawn { try? event.wait() }
    // Whatever was begun has ended, and the watchdog has seen that the hub waits.
    try Fiber.sleep(for: .seconds(2))
    say("idle")
    try Fiber.sleep(for: .seconds(3))
    say("done")
    idle.cancel()
    other.cancel()
    try idle.join()
    try other.join()
  },
]

@inline(never)
private func waitForTheDebugger(_ event: Event) {
  try? event.wait()
}

/// A lock that a thread holds, and what ends the thread.
private func lockOfAThread() -> (mutex: Green.Mutex<Void>, end: () -> Void) {
  let (mutex, held, ended) = (Green.Mutex(()), makePipe(), makePipe())
  let thread = PlainThread {
    mutex.withLock { _ in
      _ = write(held.write, "x", 1)
      var byte: UInt8 = 0
      _ = read(ended.read, &byte, 1)
    }
  }
  var byte: UInt8 = 0
  _ = read(held.read, &byte, 1)
  return (
    mutex,
    {
      _ = write(ended.write, "x", 1)
      thread.join()
    }
  )
}

@inline(never)
private func stopForTheDebugger() {
  raise(SIGTRAP)
  say("after")
}

let hiddenInspectCases = [
  Case("stacks of two depths", isHidden: true) {
    @inline(never) func descend(_ levels: Int) -> Int { levels == 0 ? 0 : 1 &+ descend(levels - 1) &* levels }
    for _ in 0..<5 { _ = try Fiber.spawn { descend(400) }.value }
    try Fiber.spawn {}.value
    let child = fork()
    if child == 0 { return }
    var status: CInt = 0
    waitpid(child, &status, 0)
    try expectEqual(status, 0, "the child's status")
  },
  Case("parked for a debugger", isHidden: true) {
    let (event, (read, _)) = (Event(), makePipe())
    let waiting = Fiber.spawn(name: "waiting") { waitForTheDebugger(event) }
    Fiber.spawn(name: "reading") { try? Readiness.wait(for: read, .read) }
    let (mutex, endThread) = lockOfAThread()
    Fiber.spawn(name: "locked out") { mutex.withLock { _ in } }
    Fiber.yield()
    Fiber.spawn(name: "new") {}
    say("descriptor \(read), fiber \(waiting.id)")
    raise(SIGTRAP)
    // Two threads that end at once are more than gdb tells of each time.
    endThread()
    _exit(0)
  },
  Case("on a big stack for a debugger", isHidden: true) {
    try Fiber.spawn {
      try Fiber.onBigStack { stopForTheDebugger() }
    }.value
    _exit(0)
  },
]

import CaseSupport
import Glibc
import Green

private let lock = Mutex(0)

/// What a program must not do, by its name, and the sentence that it ends with.
private let mistakes: [(name: String, sentence: String, body: @Sendable () throws -> Void)] = [
  (
    "a fiber asks again for its lock", "a fiber asked for a Mutex that it holds: use ReentrantMutex",
    { lock.withLock { _ in lock.withLock { $0 += 1 } } }
  ),
  (
    "a fiber asks again for its lock, with a deadline", "a fiber asked for a Mutex that it holds: use ReentrantMutex",
    { try lock.withLock { _ in try lock.withLock(until: .after(.seconds(5))) { $0 += 1 } } }
  ),
  (
    "a thread asks again for its lock", "a thread asked for a Mutex that it holds: use ReentrantMutex",
    { PlainThread { lock.withLock { _ in lock.withLock { $0 += 1 } } }.join() }
  ),
  (
    "a thread asks again for a lock that a fiber waits for",
    "a thread asked for a Mutex that it holds: use ReentrantMutex",
    {
      let (isHeld, isAwaited) = (Event(), Event())
      let thread = PlainThread {
        lock.withLock { _ in
          isHeld.set()
          try? isAwaited.wait()
          lock.withLock { $0 += 1 }
        }
      }
      try isHeld.wait()
      let waiting = Fiber.spawn { lock.withLock { $0 += 1 } }
      Fiber.yield()
      isAwaited.set()
      try waiting.join()
      thread.join()
    }
  ),
  (
    "a callback asks again for its lock", "a callback of the loop asked for a Mutex that it holds: use ReentrantMutex",
    {
      Hub.current!.after(.milliseconds(1)) { lock.withLock { _ in lock.withLock { $0 += 1 } } }
      try Fiber.sleep(for: .milliseconds(50))
    }
  ),
  ("a barrier at which nobody meets", "a barrier at which 0 meet cannot be", { _ = Barrier(0) }),
  (
    "a permit that was not taken", "a permit was given back that had not been taken",
    { Semaphore(0, limit: 0).signal() }
  ),
]

let requirementCases =
  mistakes.map { mistake in Case(mistake.name, isHidden: true) { try mistake.body() } }
  + [
    Case("what a program must not do ends it with a sentence, also where it was built for speed") {
      setenv("SWIFT_BACKTRACE", "enable=no", 1)
      for mistake in mistakes {
        let result = try ChildProcess.run(["/proc/self/exe", mistake.name], until: .after(.seconds(30)))
        let error = String(decoding: result.error, as: UTF8.self)
        try expect(result.status.isTrap, "\(mistake.name): \(result.status) \(error)")
        try expect(error.contains("Fatal error: \(mistake.sentence)"), "\(mistake.name): \(error)")
      }
    },
    Case("a thread takes its lock again after it has given it back, and one that another thread had") {
      let mutex = Mutex(0)
      let threads = (0..<2).map { _ in
        PlainThread { for _ in 0..<1000 { mutex.withLock { $0 += 1 } } }
      }
      for thread in threads { thread.join() }
      mutex.withLock { $0 += 1 }
      try expectEqual(mutex.withLock { $0 }, 2001)
      // Of a thread that holds it, others see that somebody does.
      var isTaken: Bool?
      PlainThread { mutex.withLock { _ in isTaken = mutex.withLockIfAvailable { _ in true } } }.join()
      try expect(isTaken == nil, "the lock was had twice")
    },
  ]

extension ExitStatus {
  fileprivate var isTrap: Bool {
    if case .signaled(let signal, _) = self { [SIGILL, SIGTRAP].contains(signal.rawValue) } else { false }
  }
}

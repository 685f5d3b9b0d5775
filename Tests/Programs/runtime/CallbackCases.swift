import CaseSupport
import Glibc
import Green

/// Has a callback of the loop do `wants` while the fiber is in the midst of `holds`, for as long as that sleeps.
private func whileHeld(_ holds: (() throws -> Void) throws -> Void, wants: @escaping () -> Void) throws {
  Hub.current!.after(.milliseconds(1)) { wants() }
  try holds { try Fiber.sleep(for: .milliseconds(50)) }
}

/// The same while a thread has the mutex, and a fiber waits for it.
private func whileFiberIsNext(_ hold: @escaping @Sendable (() -> Void) -> Void, wants: @escaping () -> Void) throws {
  let (isHeld, isOver) = (Event(), Event())
  let thread = PlainThread {
    hold {
      isHeld.set()
      try? isOver.wait()
    }
  }
  try isHeld.wait()
  let waiting = Fiber.spawn { hold {} }
  Fiber.yield()
  Hub.current!.after(.milliseconds(1)) {
    wants()
    isOver.set()
  }
  try waiting.join()
  thread.join()
}

private let lock = Mutex(0)
private let readWriteLock = ReadWriteLock(0)

/// What a callback wants in vain, by its name.
private let wishes: [(String, @Sendable () throws -> Void)] = [
  (
    "a lock that a fiber holds",
    { try whileHeld({ body in try lock.withLock { _ in try body() } }) { lock.withLock { $0 += 1 } } }
  ),
  (
    "a lock that a fiber holds, with a deadline that never comes",
    {
      try whileHeld({ body in try lock.withLock { _ in try body() } }) { try? lock.withLock(until: .never) { $0 += 1 } }
    }
  ),
  (
    "a lock that was handed to a fiber",
    {
      let (isHeld, isWanted) = (Event(), Event())
      let thread = PlainThread {
        lock.withLock { _ in
          isHeld.set()
          while !isWanted.isSet { usleep(1000) }
        }
      }
      try isHeld.wait()
      let next = Fiber.spawn { lock.withLock { $0 += 1 } }
      Fiber.yield()
      Hub.current!.after(.milliseconds(1)) {
        isWanted.set()
        // By then the fiber has it, which it does not know yet.
        usleep(50_000)
        lock.withLock { $0 += 1 }
      }
      try next.join()
      thread.join()
    }
  ),
  (
    "a lock that a fiber waits for",
    { try whileFiberIsNext({ body in lock.withLock { _ in body() } }) { lock.withLock { $0 += 1 } } }
  ),
  (
    "a reentrant lock that a fiber holds",
    {
      let lock = ReentrantMutex(0)
      try whileHeld({ body in try lock.withLock { _ in try body() } }) { lock.withLock { $0.value += 1 } }
    }
  ),
  (
    "to read what a fiber writes",
    {
      try whileHeld({ body in try readWriteLock.withWriteLock { _ in try body() } }) {
        readWriteLock.withReadLock { _ in }
      }
    }
  ),
  (
    "to write what a fiber reads",
    {
      try whileHeld({ body in try readWriteLock.withReadLock { _ in try body() } }) {
        readWriteLock.withWriteLock { _ in }
      }
    }
  ),
  (
    "to write what a fiber was given to read",
    {
      // The fiber waits after a writer, which is a thread, and has it from that one.
      let isHeld = Event()
      let thread = PlainThread {
        readWriteLock.withWriteLock { _ in
          isHeld.set()
          usleep(20_000)
        }
      }
      try isHeld.wait()
      try readWriteLock.withReadLock { _ in
        Hub.current!.after(.milliseconds(1)) { try? readWriteLock.withWriteLock(until: .never) { _ in } }
        try Fiber.sleep(for: .milliseconds(50))
      }
      thread.join()
    }
  ),
  (
    "to read what a fiber waits to write",
    {
      try whileFiberIsNext({ body in readWriteLock.withWriteLock { _ in body() } }) {
        readWriteLock.withReadLock { _ in }
      }
    }
  ),
]

/// What nobody can bring about, in a process of one thread.
private let lonelyWaits: [(String, @Sendable () -> Void)] = [
  ("an event", { try? Event().wait() }), ("a semaphore", { try? Semaphore(0).wait() }),
  ("an element", { _ = try? Channel<Int>().receive() }), ("a promise", { _ = try? Promise<Int>().value }),
]

let callbackCases =
  wishes.map { name, body in Case("a callback wants \(name)", isHidden: true) { try body() } }
  + lonelyWaits.map { name, body in
    Case("a callback waits for \(name)", isHidden: true) {
      Hub.current!.after(.milliseconds(1)) { body() }
      try Fiber.sleep(for: .milliseconds(50))
    }
  } + [
    Case("a callback of the loop that wants what a fiber holds ends the process with a sentence") {
      for (name, _) in wishes {
        let (status, error) = try run("a callback wants \(name)")
        try expect(status.isAbort, "\(name): \(status) \(error)")
        try expect(error.contains("greenfinch: a callback of the loop asked for a lock that "), "\(name): \(error)")
      }
    },
    Case("a callback of the loop that waits for what nobody can bring about ends the process with a sentence") {
      for (name, _) in lonelyWaits {
        let (status, error) = try run("a callback waits for \(name)")
        try expect(status.isAbort, "\(name): \(status) \(error)")
        try expect(error.contains("greenfinch: a callback of the loop waits for "), "\(name): \(error)")
      }
    },
    Case("a callback of the loop takes what nobody holds, and only tries what a fiber holds") {
      let (free, held) = (Mutex(0), Mutex(0))
      var isFree: Bool?
      Hub.current!.after(.milliseconds(1)) {
        free.withLock { $0 += 1 }
        isFree = held.withLockIfAvailable { _ in true }
        try? held.withLock(until: .after(.milliseconds(2))) { _ in isFree = true }
        readWriteLock.withWriteLock { $0 += 1 }
      }
      try held.withLock { _ in try Fiber.sleep(for: .milliseconds(20)) }
      try expectEqual(free.withLock { $0 }, 1)
      try expect(isFree == nil, "the lock was had twice")
      // Readers share it with a callback.
      var read = 0
      Hub.current!.after(.milliseconds(1)) { readWriteLock.withReadLock { read = $0 } }
      try readWriteLock.withReadLock { _ in try Fiber.sleep(for: .milliseconds(20)) }
      try expectEqual(read, 1)
    },
    Case("a callback of the loop waits for what a thread holds") {
      let isHeld = Event()
      let thread = PlainThread {
        lock.withLock { _ in
          readWriteLock.withWriteLock { _ in
            isHeld.set()
            usleep(50_000)
          }
        }
      }
      try isHeld.wait()
      var isDone = false
      Hub.current!.after(.zero) {
        lock.withLock { _ in }
        readWriteLock.withReadLock { _ in }
        isDone = true
      }
      while !isDone { try Fiber.sleep(for: .milliseconds(1)) }
      thread.join()
    },
    Case("a callback of the loop waits for what another thread brings about") {
      let (event, began) = (Event(), Event())
      let thread = PlainThread {
        while !began.isSet { usleep(1000) }
        usleep(20_000)
        event.set()
      }
      var isDone = false
      Hub.current!.after(.zero) {
        began.set()
        try? event.wait()
        isDone = true
      }
      while !isDone { try Fiber.sleep(for: .milliseconds(1)) }
      thread.join()
    },
  ]

/// Runs a hidden case in a process of its own.
private func run(_ name: String) throws -> (ExitStatus, String) {
  let result = try ChildProcess.run(["/proc/self/exe", name], until: .after(.seconds(30)))
  return (result.status, String(decoding: result.error, as: UTF8.self))
}

extension ExitStatus {
  fileprivate var isAbort: Bool {
    if case .signaled(let signal, _) = self { signal.rawValue == SIGABRT } else { false }
  }
}

import CaseSupport
import Glibc
import Green

let syncCases = [
  Case("in a forked child nobody of the parent waits any more") {
    let semaphore = Semaphore(0), event = Event(), promise = Promise<Int>()
    let (empty, full) = (Channel<Int>(), Channel<Int>(capacity: 1))
    let (taken, put) = (JoinableQueue<Int>(), JoinableQueue<Int>(limit: 1))
    let condition = Condition(), mutex = Mutex(0), lock = ReadWriteLock(0), held = Mutex(0)
    try full.send(1)
    try put.put(1)
    let waits: [() throws -> Void] = [
      { try semaphore.wait() }, { try event.wait() }, { _ = try promise.value }, { _ = try empty.receive() },
      { try full.send(2) }, { _ = try taken.take() }, { try put.put(2) },
      { try mutex.withLock { try condition.wait(&$0, of: mutex) } }, { lock.withWriteLock { _ in } },
      { held.withLock { _ in } }, { try select(.receive(empty) { _ in }, .send(3, to: full) {}, .wait(semaphore) {}) },
    ]
    var fibers: [Fiber<Void>] = []
    try lock.withReadLock { _ in
      try held.withLock { _ in
        fibers = waits.map { wait in Fiber.spawn { try wait() } }
        try Fiber.sleep(for: .milliseconds(1))
        let status = inForkedChild {
          semaphore.signal()
          try expectEqual(semaphore.available, 1, "a permit for nobody of the parent")
          try expect(!(try empty.trySend(1)), "a receiver of the parent was given an element")
          try expectEqual(full.tryReceive(), 1)
          try expectEqual(full.tryReceive(), nil, "an element of a sender of the parent")
          try expect(try taken.tryPut(1), "the queue is full")
          try expectEqual(taken.tryTake(), 1)
          try expectEqual(put.tryTake(), 1)
          try expectEqual(put.tryTake(), nil, "an element of the parent's")
          event.set()
          promise.fulfil(1)
          condition.signal()
          // And new ones wait and are woken there.
          let receiver = Fiber.spawn { try empty.receive() }
          try empty.send(5)
          try expectEqual(try receiver.value, 5)
          let taker = Fiber.spawn { try select(.wait(semaphore) { 1 }, .receive(full) { _ in 2 }) }
          try expectEqual(try taker.value, 1)
          return 7
        }
        try expectEqual(status, exited(7), "the child's status")
      }
    }
    // In the parent they all still do.
    semaphore.signal()
    semaphore.signal()
    event.set()
    promise.fulfil(1)
    condition.signal()
    try empty.send(1)
    _ = try full.receive()
    try taken.put(1)
    _ = try put.take()
    full.close()
    for fiber in fibers { try fiber.join(until: .after(.seconds(10))) }
  },
  Case("in a forked child nobody of the parent has arrived anywhere, and no work of its is under way") {
    let latch = Latch(1), barrier = Barrier(2), semaphore = Semaphore(2), watch = Watch(0)
    let broadcast = BroadcastChannel<Int>(capacity: 2), flights = SingleFlight<Int, Int>()
    let receiver = broadcast.receiver(), changes = watch.changes(), end = Event()
    let waits: [() throws -> Void] = [
      { try latch.wait() }, { try barrier.wait() }, { try semaphore.acquire(3) }, { _ = try receiver.receive() },
      { _ = try changes.next(until: .never) },
      {
        _ = try flights.value(for: 1) {
          try end.wait(); return 1
        }
      },
    ]
    let fibers = waits.map { wait in Fiber.spawn { try wait() } }
    try Fiber.sleep(for: .milliseconds(1))
    let status = inForkedChild {
      try expectEqual(barrier.arrived, 0, "arrived in the parent")
      do {
        try barrier.wait(until: .after(.milliseconds(5)))
        throw Failure(description: "met a fiber of the parent")
      } catch let error where "\(error)".contains("imed out") {}
      let other = Fiber.spawn { try barrier.wait() }
      Fiber.yield()
      try expect(try barrier.wait().isLast, "is not the last")
      try other.join()
      // Nobody who needs more is before it.
      try expect(semaphore.acquireIfAvailable(2), "permits for nobody of the parent")
      try expectEqual(try flights.value(for: 1) { 5 }, 5, "the parent's work")
      latch.countDown()
      try latch.wait()
      try broadcast.send(7)
      try expectEqual(try receiver.receive(), 7)
      watch.set(3)
      try expectEqual(try changes.next(until: .never), 3)
      return 7
    }
    try expectEqual(status, exited(7), "the child's status")
    latch.countDown()
    try barrier.wait()
    semaphore.signal()
    try broadcast.send(1)
    watch.set(1)
    end.set()
    for fiber in fibers { try fiber.join(until: .after(.seconds(10))) }
  },
  Case("the error of a group's fiber is thrown, or reported where the body throws another") {
    struct Lost: Error {}
    struct Other: Error {}
    var outcome: (any Error)?
    func inGroup(_ body: (FiberGroup<Void>) throws -> Void) throws -> String {
      try reports {
        do {
          try withFiberGroup(of: Void.self) { group in
            try group.spawn { throw Lost() }
            while !group.isCancelled { Fiber.yield() }
            try body(group)
          }
        } catch {
          outcome = error
        }
      }
    }
    for body in [
      { _ in throw Other() },
      {
        while $0.next() != nil {}; throw Other()
      },
    ] as [(FiberGroup<Void>) throws -> Void] {
      let report = try inGroup(body)
      try expect(report.contains("failed and nobody asked for its value: Lost()") && outcome is Other, report)
    }
    for body in [{ _ in throw CancellationError() }, { try $0.waitForEnd() }, { _ in }]
      as [(FiberGroup<Void>) throws -> Void]
    {
      let report = try inGroup(body)
      try expect(report == "" && outcome is Lost, report)
    }
  },
]

/// What is written to standard error while `body` runs.
private func reports(_ body: () throws -> Void) throws -> String {
  let (kept, file) = (dup(2), fileno(tmpfile()))
  dup2(file, 2)
  defer {
    dup2(kept, 2)
    close(kept)
    close(file)
  }
  try body()
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = pread(file, &bytes, bytes.count, 0)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

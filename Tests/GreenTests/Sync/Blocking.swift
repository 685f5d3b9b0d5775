import Green
import SystemPackage
import TestSupport
import Testing

/// One of the primitives, in a state in which whoever comes must wait: what every one of them promises is tried on all.
struct Blocking: Sendable, CustomTestStringConvertible {
  struct Pair {
    let wait: (Deadline) throws -> Void
    /// Throws when there was nothing to be given.
    let wake: () throws -> Void
    /// Ends the fibers that the primitive is used by behind the scenes.
    let end: () -> Void

    init(
      _ wait: @escaping (Deadline) throws -> Void, _ wake: @escaping () throws -> Void, end: @escaping () -> Void = {}
    ) {
      self.wait = wait
      self.wake = wake
      self.end = end
    }
  }

  struct NothingToGive: Error {}

  let name: String
  /// Whether a wake lets all go who wait, and those who come later; otherwise one, who comes when it likes.
  let letsAllGo: Bool
  /// Called in a fiber of the hub on which it is used.
  let make: @Sendable () -> Pair

  init(_ name: String, letsAllGo: Bool = false, _ make: @escaping @Sendable () -> Pair) {
    self.name = name
    self.letsAllGo = letsAllGo
    self.make = make
  }

  var testDescription: String { name }

  /// A fiber that begins to wait now.
  static func waiter(_ pair: Pair, until deadline: Deadline = .never) -> Fiber<Void> {
    let fiber = Fiber.spawn { try pair.wait(deadline) }
    settle()
    return fiber
  }
}

/// Lets the other fibers run until each of them waits.
func settle() { for _ in 0..<20 { Fiber.yield() } }

/// Those that one wake lets go one of.
let blockingOne: [Blocking] = [
  Blocking("a semaphore") {
    let semaphore = Semaphore(0)
    return Blocking.Pair({ try semaphore.wait(until: $0) }, { semaphore.signal() })
  },
  Blocking("several permits of a semaphore") {
    let semaphore = Semaphore(0, limit: 300)
    return Blocking.Pair({ try semaphore.acquire(3, until: $0) }, { semaphore.release(3) })
  },
  Blocking("receiving from a channel") {
    let channel = Channel<Int>(capacity: .max)
    return Blocking.Pair({ _ = try channel.receive(until: $0) }, { try channel.send(1) })
  },
  Blocking("sending to a full channel") {
    let channel = Channel<Int>(capacity: 1)
    _ = try? channel.trySend(0)
    return Blocking.Pair(
      { try channel.send(1, until: $0) }, { if channel.tryReceive() == nil { throw Blocking.NothingToGive() } })
  },
  Blocking("taking from a queue") {
    let queue = JoinableQueue<Int>()
    return Blocking.Pair({ _ = try queue.take(until: $0) }, { try queue.put(1) })
  },
  Blocking("putting into a full queue") {
    let queue = JoinableQueue<Int>(limit: 1)
    _ = try? queue.tryPut(0)
    return Blocking.Pair(
      { try queue.put(1, until: $0) }, { if queue.tryTake() == nil { throw Blocking.NothingToGive() } })
  },
  Blocking("taking from a priority queue") {
    let queue = PriorityQueue<Int>()
    return Blocking.Pair({ _ = try queue.take(until: $0) }, { try queue.put(1) })
  },
  Blocking("a condition") {
    let permits = Mutex(0), given = Condition()
    return Blocking.Pair(
      { try permits.withLock(awaiting: given, until: $0, where: { $0 > 0 }) { $0 -= 1 } },
      {
        permits.withLock { $0 += 1 }
        given.signal()
      }
    )
  },
  Blocking("selecting a permit") {
    let semaphore = Semaphore(0), other = Event()
    return Blocking.Pair(
      { try select(.wait(other) {}, .wait(semaphore) {}, .deadline($0) { throw Errno.timedOut }) },
      { semaphore.signal() }
    )
  },
  Blocking("selecting what is received") {
    let channel = Channel<Int>(capacity: .max), other = Channel<Int>()
    return Blocking.Pair(
      { try select(.receive(channel) { _ in }, .send(1, to: other) {}, .deadline($0) { throw Errno.timedOut }) },
      { try channel.send(1) }
    )
  },
  Blocking("selecting what is sent") {
    let channel = Channel<Int>(capacity: 1), other = Channel<Int>()
    _ = try? channel.trySend(0)
    return Blocking.Pair(
      { try select(.receive(other) { _ in }, .send(1, to: channel) {}, .deadline($0) { throw Errno.timedOut }) },
      { if channel.tryReceive() == nil { throw Blocking.NothingToGive() } }
    )
  },
  Blocking("room in a pool") {
    let pool = FiberPool(limit: 1), ends = Semaphore(0)
    _ = try? pool.spawn { try ends.wait() }
    return Blocking.Pair(
      { _ = try pool.spawn(until: $0) { try ends.wait() } },
      {
        ends.signal()
        settle()
      },
      end: { pool.cancelAll() })
  },
]

/// Those that one wake lets all go, in their order.
let blockingAll: [Blocking] = [
  Blocking("an event", letsAllGo: true) {
    let event = Event()
    return Blocking.Pair({ try event.wait(until: $0) }, { event.set() })
  },
  Blocking("a promise", letsAllGo: true) {
    let promise = Promise<Int>()
    return Blocking.Pair({ _ = try promise.value(until: $0) }, { promise.fulfil(1) })
  },
  Blocking("a latch", letsAllGo: true) {
    let latch = Latch(1)
    return Blocking.Pair({ try latch.wait(until: $0) }, { latch.countDown() })
  },
  Blocking("a watched value", letsAllGo: true) {
    let watch = Watch(0)
    return Blocking.Pair({ _ = try watch.value(until: $0) { $0 > 0 } }, { watch.set(1) })
  },
  Blocking("the end of a broadcast", letsAllGo: true) {
    let channel = BroadcastChannel<Int>(capacity: 1)
    let receiver = channel.receiver()
    return Blocking.Pair({ _ = try receiver.receive(until: $0) }, { channel.close() })
  },
  Blocking("selecting a latch", letsAllGo: true) {
    let latch = Latch(1), changes = Watch(0).changes()
    return Blocking.Pair(
      { try select(.wait(latch) {}, .change(of: changes) { _ in }, .deadline($0) { throw Errno.timedOut }) },
      { latch.countDown() }
    )
  },
  Blocking("a fiber's end", letsAllGo: true) {
    let end = Event()
    let fiber = Fiber.spawn { try end.wait() }
    return Blocking.Pair(
      { try fiber.join(until: $0) },
      {
        end.set()
        settle()
      },
      end: { end.set() })
  },
  Blocking("a queue's last task", letsAllGo: true) {
    let queue = JoinableQueue<Int>()
    _ = try? queue.tryPut(1)
    return Blocking.Pair({ try queue.join(until: $0) }, { queue.taskDone() })
  },
  Blocking("a mutex", letsAllGo: true) {
    let mutex = Mutex(0), end = Event()
    Fiber.spawn { try mutex.withLock { _ in try end.wait() } }
    settle()
    return Blocking.Pair({ try mutex.withLock(until: $0) { _ in } }, { end.set() }, end: { end.set() })
  },
  Blocking("a reentrant mutex", letsAllGo: true) {
    let mutex = ReentrantMutex(0), end = Event()
    Fiber.spawn { try mutex.withLock { _ in try end.wait() } }
    settle()
    return Blocking.Pair({ try mutex.withLock(until: $0) { _ in } }, { end.set() }, end: { end.set() })
  },
  Blocking("a write lock", letsAllGo: true) {
    let lock = ReadWriteLock(0), end = Event()
    Fiber.spawn { try lock.withReadLock { _ in try end.wait() } }
    settle()
    return Blocking.Pair({ try lock.withWriteLock(until: $0) { _ in } }, { end.set() }, end: { end.set() })
  },
  Blocking("a read lock", letsAllGo: true) {
    let lock = ReadWriteLock(0), end = Event()
    Fiber.spawn { try lock.withWriteLock { _ in try end.wait() } }
    settle()
    return Blocking.Pair({ try lock.withReadLock(until: $0) { _ in } }, { end.set() }, end: { end.set() })
  },
  Blocking("peeking at a queue", letsAllGo: true) {
    let queue = JoinableQueue<Int>()
    return Blocking.Pair({ _ = try queue.peek(until: $0) }, { try queue.put(1) })
  },
  Blocking("a pool's end", letsAllGo: true) {
    let pool = FiberPool(), end = Event()
    _ = try? pool.spawn { try end.wait() }
    return Blocking.Pair(
      { try pool.join(until: $0) },
      {
        end.set()
        settle()
      },
      end: { end.set() })
  },
  Blocking("selecting an event", letsAllGo: true) {
    let event = Event(), other = Semaphore(0)
    return Blocking.Pair(
      { try select(.wait(event) {}, .wait(other) {}, .deadline($0) { throw Errno.timedOut }) }, { event.set() }
    )
  },
  Blocking("selecting the end of a channel", letsAllGo: true) {
    let channel = Channel<Int>()
    return Blocking.Pair(
      { try select(.receive(channel) { _ in }, .deadline($0) { throw Errno.timedOut }) }, { channel.close() })
  },
]

let blocking = blockingOne + blockingAll

import CaseSupport
import Green
import GreenTesting
import Synchronization
import SystemPackage

final class HammeredChannel: Hammered, @unchecked Sendable {
  fileprivate let channel: Channel<Token>
  fileprivate let balance = Balance()
  private let (senders, receivers) = (Crowd(), Crowd())
  /// Those of selections, which may be both.
  fileprivate let (selectingSenders, selectingReceivers) = (Crowd(), Crowd())

  init(_ diary: Diary, capacity: Int) {
    channel = Channel(capacity: capacity)
    super.init(diary)
  }

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    let number = Int(random.next(upperBound: 1_000_000 as UInt64))
    switch random.next(upperBound: 8 as UInt64) {
    case 0...2:
      try senders.during { try channel.send(Token(number, diary), until: deadline) }
      balance.give(number)
      diary.note(number)
    case 3: if try channel.trySend(Token(number, diary)) { balance.give(number) }
    case 4: received(channel.tryReceive())
    default: received(try receivers.during { try channel.receive(until: deadline) })
    }
  }

  fileprivate func received(_ token: Token?) {
    guard let token else { return diary.note(7) }
    balance.take(token.number)
    diary.note(-token.number)
  }

  override func verifyAtRest() throws {
    let (count, isFull) = (channel.count, channel.count == channel.capacity)
    for crowd in [senders, selectingSenders] {
      try crowd.mayWait(isFull, "to send to a channel with room: it holds \(count) of \(channel.capacity)")
    }
    for crowd in [receivers, selectingReceivers] {
      try crowd.mayWait(count == 0, "to receive from a channel that holds \(count)")
    }
    try senders.mayWait(receivers.isEmpty && selectingReceivers.isEmpty, "to send while others wait to receive")
    try receivers.mayWait(senders.isEmpty && selectingSenders.isEmpty, "to receive while others wait to send")
  }

  override func release() { channel.close() }

  override func verify() throws {
    while let token = channel.tryReceive() { balance.take(token.number) }
    try balance.verify("a channel with a capacity of \(channel.capacity)")
  }
}

/// Selecting among channels that others use as well, a semaphore and an event.
final class HammeredSelection: Hammered, @unchecked Sendable {
  private let channels: [HammeredChannel]
  private let semaphore = Semaphore(1, limit: 1)
  private let event = Event()

  init(_ diary: Diary, _ channels: [HammeredChannel]) {
    self.channels = channels
    super.init(diary)
  }

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    let number = Int(random.next(upperBound: 1_000_000 as UInt64))
    let channel = { (random: inout SeededGenerator) in self.channels.randomElement(using: &random)! }
    var cases: [SelectCase<Bool>] = []
    var crowds: [Crowd] = []
    defer { for crowd in crowds { crowd.leave() } }
    for _ in 0...random.next(upperBound: 3 as UInt64) {
      let (from, to) = (channel(&random), channel(&random))
      crowds.append(from.selectingReceivers)
      cases.append(
        .receive(from.channel) {
          from.received($0)
          return false
        })
      if random.chance(0.7) {
        crowds.append(to.selectingSenders)
        cases.append(
          .send(Token(number, diary), to: to.channel) {
            to.balance.give(number)
            return false
          })
      }
    }
    if random.chance(0.3) { cases.append(.wait(semaphore) { true }) }
    if random.chance(0.1) { cases.append(.wait(event) { false }) }
    if random.chance(0.1) { cases.append(.otherwise { false }) }
    if deadline != .never { cases.append(.deadline(deadline) { false }) }
    cases.shuffle(using: &random)
    for crowd in crowds { crowd.enter() }
    if try select(cases) {
      linger(&random)
      semaphore.signal()
    }
    diary.note(8)
  }

  override func release() { event.set() }
  override func verify() throws { try expectEqual(semaphore.available, 1, "the permits of a selection's semaphore") }
}

final class HammeredQueue: Hammered, @unchecked Sendable {
  private let queue: JoinableQueue<Token>
  private let balance = Balance()
  private let (putters, takers, joiners) = (Crowd(), Crowd(), Crowd())

  init(_ diary: Diary, _ order: QueueOrder<Token>, limit: Int) {
    queue = JoinableQueue(order, limit: limit)
    super.init(diary)
  }

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    let number = Int(random.next(upperBound: 1_000_000 as UInt64))
    switch random.next(upperBound: 16 as UInt64) {
    case 0...5:
      try putters.during { try queue.put(Token(number, diary), until: deadline) }
      balance.give(number)
    case 6: if try queue.tryPut(Token(number, diary)) { balance.give(number) }
    case 7: diary.note(try takers.during { try queue.peek(until: deadline)?.number ?? 9 })
    case 8: try joiners.during { try queue.join(until: deadline) }
    case 9: taken(queue.tryTake())
    default: taken(try takers.during { try queue.take(until: deadline) })
    }
    diary.note(10)
  }

  private func taken(_ token: Token?) {
    guard let token else { return }
    balance.take(token.number)
    diary.note(token.number)
    queue.taskDone()
  }

  override func verifyAtRest() throws {
    try putters.mayWait(queue.isFull, "to put into a queue with room")
    try takers.mayWait(queue.isEmpty, "to take from a queue that holds \(queue.count)")
    try joiners.mayWait(queue.unfinishedCount > 0, "for the end of tasks that are done")
  }

  override func release() {
    queue.shutdown()
    // Those who join wait until all that was put in is done.
    while let token = queue.tryTake() { taken(token) }
  }

  override func verify() throws {
    while let token = queue.tryTake() { taken(token) }
    try balance.verify("a queue")
    try expectEqual(queue.unfinishedCount, 0, "a queue's unfinished tasks")
  }
}

final class HammeredEvent: Hammered, @unchecked Sendable {
  private let event = Event()
  private let crowd = Crowd()
  private let isReleased = Atomic<Bool>(false)

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    switch random.next(upperBound: 8 as UInt64) {
    case 0: event.set()
    case 1, 2: if !isReleased.load(ordering: .acquiring) { event.clear() }
    default: try crowd.during { try event.wait(until: deadline) }
    }
    // Who cleared it while it was released has seen the flag too late.
    if isReleased.load(ordering: .acquiring) { event.set() }
    diary.note(11)
  }

  override func verifyAtRest() throws { try crowd.mayWait(!event.isSet, "for an event that is set") }

  override func release() {
    isReleased.store(true, ordering: .releasing)
    event.set()
  }
}

final class HammeredPromise: Hammered, @unchecked Sendable {
  private let promise = Mutex(Promise<Token>())
  private let crowd = Crowd()

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    let promise = self.promise.withLock { $0 }
    switch random.next(upperBound: 8 as UInt64) {
    case 0: promise.fulfil(Token(Int(random.next(upperBound: 1000 as UInt64)), diary))
    case 1: if promise.isFulfilled { self.promise.withLock { if $0 === promise { $0 = Promise() } } }
    default:
      let token = try crowd.during { try promise.value(until: deadline) }
      let again = try promise.value(until: .now)
      if token !== again { throw Failure(description: "a promise has two values") }
      diary.note(token.number)
    }
  }

  override func verifyAtRest() throws {
    try crowd.mayWait(!promise.withLock { $0.isFulfilled }, "for a promise that is fulfilled")
  }

  override func release() { promise.withLock { $0 }.fulfil(Token(-1, diary)) }
}

/// Only for one hub.
final class HammeredPool: Hammered, @unchecked Sendable {
  private let pool: FiberPool
  private let crowd = Crowd()
  private let occupancy: Occupancy

  init(_ diary: Diary, limit: Int) {
    pool = FiberPool(limit: limit)
    occupancy = Occupancy(limit: limit)
    super.init(diary)
  }

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    var own = SeededGenerator(seed: random.next())
    let work: () throws -> Int = { [self] in
      occupancy.enter()
      defer { occupancy.leave() }
      linger(&own)
      try Fiber.checkCancellation()
      return 12
    }
    crowd.enter()
    defer { crowd.leave() }
    switch random.next(upperBound: 4 as UInt64) {
    case 0: diary.note(try pool.apply(work))
    case 1: diary.note(try pool.map(0..<3) { _ in try work() }.count)
    default:
      // Its own error, at the deadline of a scope around this, is nobody's business.
      let fiber = try pool.spawn(until: deadline) { _ = try? work() }
      if random.chance(0.3) { fiber.cancel() }
      try fiber.join(until: deadline)
      diary.note(fiber.isCancelled ? 13 : 14)
    }
  }

  override func verifyAtRest() throws { try crowd.mayWait(false, "for a pool that does nothing") }

  override func verify() throws {
    try occupancy.verify("a pool")
    try expectEqual(pool.count, 0, "the fibers of a pool")
    try expectEqual(pool.freeCount, pool.limit, "the room in a pool")
  }
}

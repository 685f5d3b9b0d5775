import CaseSupport
import Green
import GreenTesting
import SystemPackage

final class HammeredSemaphore: Hammered, @unchecked Sendable {
  private let permits: Int
  private let semaphore: Semaphore
  private let crowd = Crowd()
  private let occupancy: Occupancy

  init(_ diary: Diary, permits: Int) {
    self.permits = permits
    semaphore = Semaphore(permits, limit: permits)
    occupancy = Occupancy(limit: permits)
    super.init(diary)
  }

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    if random.chance(0.2) {
      guard semaphore.waitIfAvailable() else { return diary.note(1) }
    } else {
      try crowd.during { try semaphore.wait(until: deadline) }
    }
    occupancy.enter()
    linger(&random)
    occupancy.leave()
    semaphore.signal()
    diary.note(2)
  }

  override func verifyAtRest() throws { try crowd.mayWait(false, "for a permit that nobody has") }

  override func verify() throws {
    try occupancy.verify("a semaphore")
    try expectEqual(semaphore.available, permits, "the permits of a semaphore")
  }
}

final class HammeredMutex: Hammered, @unchecked Sendable {
  private let mutex = Mutex(0)
  private let crowd = Crowd()
  private let occupancy = Occupancy(limit: 1)

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    crowd.enter()
    defer { crowd.leave() }
    switch random.next(upperBound: 4 as UInt64) {
    case 0: diary.note(mutex.withLockIfAvailable { be(inside: &$0, &random) } == nil ? 1 : 2)
    case 1: mutex.withLock { be(inside: &$0, &random) }
    default: try mutex.withLock(until: deadline) { be(inside: &$0, &random) }
    }
    diary.note(3)
  }

  private func be(inside value: inout Int, _ random: inout SeededGenerator) {
    occupancy.enter()
    value += 1
    linger(&random)
    occupancy.leave()
  }

  override func verifyAtRest() throws { try crowd.mayWait(false, "for a mutex that nobody holds") }

  override func verify() throws {
    try occupancy.verify("a mutex")
    try expect(mutex.withLockIfAvailable { $0 } != nil, "a mutex is still held")
  }
}

final class HammeredReentrantMutex: Hammered, @unchecked Sendable {
  private let mutex = ReentrantMutex(0)
  private let crowd = Crowd()
  private let occupancy = Occupancy(limit: 1)

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    try crowd.during {
      try mutex.withLock(until: deadline) { outer in
        occupancy.enter()
        outer.value += 1
        try? mutex.withLock(until: .now) { inner in
          linger(&random)
          inner.value += 1
        }
        occupancy.leave()
      }
    }
    diary.note(4)
  }

  override func verifyAtRest() throws { try crowd.mayWait(false, "for a reentrant mutex that nobody holds") }

  override func verify() throws {
    try occupancy.verify("a reentrant mutex")
    let value = mutex.withLockIfAvailable { $0.value }
    try expect(value.map { $0 % 2 == 0 } ?? false, "a reentrant mutex is still held, or refused its holder")
  }
}

final class HammeredReadWriteLock: Hammered, @unchecked Sendable {
  private let lock = ReadWriteLock((0, 0))
  private let crowd = Crowd()
  private let writers = Occupancy(limit: 1)
  private let readers = Occupancy(limit: .max)
  private let mixed = Occupancy(limit: 0)

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    crowd.enter()
    defer { crowd.leave() }
    if random.chance(0.3) {
      try lock.withWriteLock(until: deadline) { value in
        writers.enter()
        if readers.isOccupied { mixed.enter() }
        value.0 += 1
        linger(&random)
        value.1 += 1
        writers.leave()
      }
    } else {
      try lock.withReadLock(until: deadline) { value in
        readers.enter()
        if writers.isOccupied || value.0 != value.1 { mixed.enter() }
        linger(&random)
        readers.leave()
      }
    }
    diary.note(5)
  }

  override func verifyAtRest() throws { try crowd.mayWait(false, "for a read-write lock that nobody holds") }

  override func verify() throws {
    try writers.verify("writers of a read-write lock")
    try readers.verify("readers of a read-write lock")
    try mixed.verify("readers beside a writer")
    try lock.withWriteLock(until: .now) { _ in }
  }
}

final class HammeredCondition: Hammered, @unchecked Sendable {
  private let stock = Mutex((tokens: 0, isReleased: false))
  private let changed = Condition()
  private let takers = Crowd()
  private let balance = Balance()

  override func use(_ random: inout SeededGenerator, until deadline: Deadline) throws {
    switch random.next(upperBound: 4 as UInt64) {
    case 0, 1:
      stock.withLock { $0.tokens += 1 }
      balance.give(1)
      if random.chance(0.1) { changed.broadcast() } else { changed.signal() }
    case 2:
      takers.enter()
      defer { takers.leave() }
      // By hand, and without a loop: woken or not, the lock is held.
      try stock.withLock(until: deadline) { stock in
        if stock.tokens == 0 && !stock.isReleased { try changed.wait(&stock, of: self.stock, until: deadline) }
        take(&stock)
      }
    default:
      takers.enter()
      defer { takers.leave() }
      try stock.withLock(awaiting: changed, until: deadline, where: { $0.tokens > 0 || $0.isReleased }) { take(&$0) }
    }
    diary.note(6)
  }

  private func take(_ stock: inout (tokens: Int, isReleased: Bool)) {
    guard stock.tokens > 0 else { return }
    stock.tokens -= 1
    balance.take(1)
    // The signal may have been for two.
    if stock.tokens > 0 { changed.signal() }
  }

  override func verifyAtRest() throws {
    let tokens = stock.withLock { $0.tokens }
    try takers.mayWait(tokens == 0, "on a condition that holds, with \(tokens) to be taken")
  }

  override func release() {
    stock.withLock { $0.isReleased = true }
    changed.broadcast()
  }

  override func verify() throws {
    for _ in 0..<(stock.withLock { $0.tokens }) { balance.take(1) }
    try balance.verify("a condition")
  }
}

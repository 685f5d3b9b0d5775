import CaseSupport
import Glibc
import Green
import GreenTesting
import Synchronization
import SystemPackage

/// Many fibers, each of which uses primitives at random, with random deadlines, and is cancelled at random.
final class StressRound: @unchecked Sendable {
  let seed: UInt64
  private let diary = Diary()
  private let primitives: [Hammered]
  private let isOver = Atomic<Bool>(false)
  private let failure = Mutex<(any Error)?>(nil)

  /// - Parameter isShared: whether several hubs and threads are to use the primitives.
  init(seed: UInt64, primitives count: Int, isShared: Bool) {
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    let diary = self.diary
    let channels = (0..<max(3, count / 4)).map { _ in
      HammeredChannel(diary, capacity: [0, 0, 1, 2, 10, .max].randomElement(using: &random)!)
    }
    var all: [Hammered] = channels
    while all.count < count {
      switch random.next(upperBound: isShared ? 9 : 10 as UInt64) {
      case 0: all.append(HammeredSemaphore(diary, permits: Int.random(in: 1...5, using: &random)))
      case 1: all.append(HammeredMutex(diary))
      case 2: all.append(HammeredReentrantMutex(diary))
      case 3: all.append(HammeredReadWriteLock(diary))
      case 4: all.append(HammeredCondition(diary))
      case 5: all.append(HammeredSelection(diary, (0..<3).map { _ in channels.randomElement(using: &random)! }))
      case 6:
        let orders: [QueueOrder<Token>] = [
          .firstInFirstOut, .lastInFirstOut, .priority { $0.number < $1.number },
        ]
        all.append(
          HammeredQueue(
            diary, orders.randomElement(using: &random)!, limit: [1, 5, .max].randomElement(using: &random)!))
      case 7: all.append(HammeredEvent(diary))
      case 8: all.append(HammeredPromise(diary))
      default: all.append(HammeredPool(diary, limit: Int.random(in: 1...20, using: &random)))
      }
    }
    primitives = all
  }

  var digest: UInt64 { diary.digest }
  var steps: Int { diary.count }

  // MARK: The work

  /// One worker: so many uses, or until all is over.
  func work(_ number: Int, uses: Int) throws {
    var random = SeededGenerator(seed: seed &+ UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15)
    for _ in 0..<uses {
      if isOver.load(ordering: .relaxed) { return }
      do {
        try useOne(&random)
      } catch is CancellationError {
        diary.note(number)
        throw CancellationError()
      } catch Errno.timedOut {
        diary.note(20)
      } catch is TimeoutError {
        diary.note(21)
      } catch is ChannelClosed {
      } catch is QueueShutDown {
      }
    }
  }

  private func useOne(_ random: inout SeededGenerator) throws {
    let primitive = primitives.randomElement(using: &random)!
    let short = random.duration(in: .zero ... .milliseconds(2))
    switch random.next(upperBound: 10 as UInt64) {
    case 0, 5: try primitive.use(&random, until: .never)
    case 1: try primitive.use(&random, until: .now)
    case 2: try withTimeout(short) { try primitive.use(&random, until: .never) }
    case 3:
      try withTimeout(short * 2) {
        try withTimeout(short) { try primitive.use(&random, until: .after(short)) }
      }
    case 4: Fiber.yield()
    default: try primitive.use(&random, until: .after(short))
    }
  }

  /// Fibers of the calling hub: so many at a time, of which one after the other is cancelled and replaced.
  func hammer(fibers count: Int, uses: Int, firstNumber: Int = 0, until end: Deadline) throws {
    var random = SeededGenerator(seed: ~seed &+ UInt64(truncatingIfNeeded: firstNumber))
    var number = firstNumber
    let spawn = { [self] () -> Fiber<Void> in
      number += 1
      return Fiber.spawn { [self, number] in
        do {
          try work(number, uses: uses)
        } catch is CancellationError {
          throw CancellationError()
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    var fibers: [Fiber<Void>] = []
    for _ in 0..<count {
      fibers.append(spawn())
      if fibers.count % 1000 == 0 { Fiber.yield() }
    }
    var all = fibers
    while !end.hasPassed, fibers.contains(where: { !$0.isFinished }) {
      try Fiber.sleep(for: random.duration(in: .zero ... .microseconds(500)))
      for _ in 0..<random.next(upperBound: UInt64(count / 100 + 2)) {
        let victim = Int.random(in: 0..<count, using: &random)
        if random.chance(0.2) { try? fibers[victim].join(until: .after(.microseconds(50))) }
        guard !fibers[victim].isFinished else { continue }
        fibers[victim].cancel()
        fibers[victim] = spawn()
        all.append(fibers[victim])
      }
    }
    isOver.store(true, ordering: .relaxed)
    try comeToRest()
    for primitive in primitives { primitive.release() }
    // In virtual time a fiber that waits in vain is found out by the hub, which then fails with a dump.
    let patience = TestHub.seed == nil ? Deadline.after(.seconds(30)) : .never
    do {
      try Fiber.waitAll(all, until: patience)
    } catch Errno.timedOut {
      // The hub cannot end either.
      print("FAILED seed \(seed): not all fibers end\n\(Hub.current!.dump())")
      abort()
    }
  }

  /// Waits until only those wait who have no deadline, and makes sure that none of them need not. As long as anybody has
  /// made a step in the last ten seconds the machine is only slow.
  private func comeToRest() throws {
    var deadline = Deadline.after(.seconds(10))
    var steps = diary.count
    while true {
      // All other waits end after milliseconds.
      try Fiber.sleep(for: .milliseconds(50))
      if diary.count != steps {
        steps = diary.count
        deadline = .after(.seconds(10))
      }
      do {
        for primitive in primitives { try primitive.verifyAtRest() }
        return
      } catch  where !deadline.hasPassed {
      } catch {
        failure.withLock { $0 = $0 ?? error }
        return
      }
    }
  }

  /// When nobody works any more.
  func verify() throws {
    if let failure = failure.withLock({ $0 }) { throw failure }
    for primitive in primitives { try primitive.verify() }
  }
}

extension StressRound {
  /// One round in virtual time, in which the seed decides everything.
  static func runVirtually(seed: UInt64, fibers: Int, uses: Int, order: TestHub.Order) throws -> StressRound {
    let round = StressRound(seed: seed, primitives: 100, isShared: false)
    try TestHub.run(seed: seed, order: order) {
      try round.hammer(fibers: fibers, uses: uses, until: .after(.milliseconds(uses * 10)))
    }
    try round.verify()
    return round
  }

  /// One round on two hubs and as many plain threads, in real time.
  static func runOnThreads(seed: UInt64, fibers: Int, seconds: Double) throws -> StressRound {
    let round = StressRound(seed: seed, primitives: 100, isShared: true)
    let end = Deadline.after(.milliseconds(Int(seconds * 1000)))
    let failure = Mutex<(any Error)?>(nil)
    let thread = { (body: @escaping () throws -> Void) in
      PlainThread {
        do { try body() } catch { failure.withLock { $0 = $0 ?? error } }
      }
    }
    let threads = (0..<2).flatMap { index in
      [
        thread {
          try Hub.run {
            try round.hammer(fibers: fibers / 2, uses: .max, firstNumber: index * 1_000_000_000, until: end)
          }
        },
        thread { try round.work(-1 - index, uses: .max) },
      ]
    }
    for thread in threads { thread.join() }
    if let failure = failure.withLock({ $0 }) { throw failure }
    try round.verify()
    return round
  }
}

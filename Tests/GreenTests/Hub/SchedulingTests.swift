import Foundation
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

// What the tests of other runtimes of green threads promise of their schedulers (libdill, State Threads, Photon, Crystal,
// io-event), promised here.

@Suite(.bounded) struct SchedulingTests {
  // MARK: Beginnings and ends

  @Test func fibersAreSpawnedInsideEachOtherAndGiveTheirResultsBack() throws {
    func sum(_ depth: Int) throws -> Int {
      if depth == 0 { return 1 }
      let children = (0..<3).map { _ in Fiber.spawn { try sum(depth - 1) } }
      return try children.map { try $0.value }.reduce(1, +)
    }
    try onEverySchedule {
      let total = try Fiber.spawn { try sum(5) }.value
      try #require(total == 364)
      try #require(Hub.current!.fiberCount == 1)
    }
  }

  @Test func fibersThatAreCancelledAtOnceNeverRunAndLeaveNothing() throws {
    try onEverySchedule {
      var ran = 0
      for _ in 0..<200 { Fiber.spawn { ran += 1 }.cancel() }
      Fiber.yield()
      while Hub.current!.fiberCount > 1 { Fiber.yield() }
      try #require(ran == 0)
    }
  }

  @Test func whoeverIsCancelledAnywhereEndsOnceAndItsJoinersAreTold() throws {
    try onEverySchedule {
      var ends = 0
      let gate = Semaphore(2)
      let fibers = (0..<30).map { index in
        Fiber.spawn {
          defer { ends += 1 }
          try gate.withPermit { try Fiber.sleep(for: .seconds(index % 3)) }
          Fiber.yield()
          try Event().wait()
        }
      }
      let joiners = fibers.map { fiber in Fiber.spawn { try fiber.join() } }
      try Fiber.sleep(for: .seconds(10))
      for fiber in fibers { fiber.cancel() }
      for joiner in joiners { try joiner.value }
      try #require(ends == 30)
      try #require(gate.available == 2)
    }
  }

  @Test func afterACancellationEveryKindOfWaitFailsAndWhatNeedsNoneSucceeds() throws {
    try onVirtualHub {
      let (mutex, full) = (Mutex(0), Semaphore(1))
      let other = Fiber.spawn { try Event().wait() }
      let finished = Fiber.spawn { 5 }
      try finished.join()
      let fiber = Fiber.spawn {
        try? Fiber.sleep(for: .seconds(60))
        let waits: [() throws -> Void] = [
          { try Fiber.sleep(for: .seconds(60)) }, { try Event().wait() }, { try Semaphore(0).wait() },
          { try other.value }, { try withFiberGroup(of: Void.self) { try $0.spawn { try Event().wait() } } },
          { try MemoryPipe.read(until: .never) },
        ]
        for (index, wait) in waits.enumerated() {
          for _ in 0..<2 { #expect(throws: CancellationError.self, "wait \(index)") { try wait() } }
        }
        try Event(isSet: true).wait()
        try full.wait()
        mutex.withLock { $0 += 1 }
        let value = try finished.value
        #expect(value == 5)
        Fiber.yield()
      }
      Fiber.yield()
      fiber.cancel()
      try fiber.value
      other.cancel()
      #expect(mutex.withLock { $0 } == 1)
    }
  }

  @Test func aFiberMayCancelWhoeverWaitsForIt() throws {
    try onEverySchedule {
      let waiting = Box<Fiber<Void>?>(nil)
      let child = Fiber.spawn {
        while waiting.value == nil { Fiber.yield() }
        waiting.value?.cancel()
        try Fiber.sleep(for: .seconds(1))
      }
      let fiber = Fiber.spawn { try child.value }
      waiting.value = fiber
      #expect(throws: CancellationError.self) { try fiber.value }
      try child.value
    }
  }

  // MARK: Time

  @Test func tenThousandSleepersOfRandomTimesWakeInOrder() throws {
    try onVirtualHub {
      var woken: [Deadline] = []
      var early = 0
      let fibers = (0..<10_000).map { _ in
        let deadline = Deadline.after(.milliseconds(Int.random(in: 0...100_000)))
        return Fiber.spawn {
          try Fiber.sleep(until: deadline)
          // Nothing is expected here: what the tests' library locks may be another test's just then, and the fiber would wait.
          if Deadline.now < deadline { early += 1 }
          woken.append(deadline)
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(early == 0)
      #expect(woken == woken.sorted())
    }
  }

  @Test func aSleepOfNothingOrLessReturnsAtOnce() throws {
    try onEverySchedule {
      let before = Deadline.now
      for duration in [Duration.zero, .seconds(-5), .nanoseconds(Int64.min)] { try Fiber.sleep(for: duration) }
      try #require(Deadline.now == before)
    }
  }

  @Test func aSleepDoesNotReturnBeforeItsTimeAndIsNotEndedByWakesOfEarlierWaits() throws {
    try onEverySchedule {
      let event = Event()
      let fiber = Fiber.spawn {
        try? event.wait(until: .after(.seconds(1)))
        let start = Deadline.now
        try Fiber.sleep(for: .seconds(5))
        return start.duration(to: .now)
      }
      try Fiber.sleep(for: .seconds(1))
      event.set()
      let slept = try fiber.value
      try #require(slept == .seconds(5))
    }
  }

  @Test func ofTwoWhoWaitForOneSocketEachHasItsOwnDeadline() throws {
    try onHub {
      let (left, right) = try socketPair()
      let order = Box("")
      let fibers = [(30, "a"), (60_000, "b")].map { time, name in
        Fiber.spawn {
          do {
            try Readiness.wait(for: left, .read, until: .after(.milliseconds(time)))
            order.value += name.uppercased()
          } catch Errno.timedOut {
            order.value += name
          }
        }
      }
      try fibers[0].value
      var byte: UInt8 = 1
      _ = write(right, &byte, 1)
      try fibers[1].value
      #expect(order.value == "aB")
      close(left)
      close(right)
    }
  }

  @Test func aLockThatIsHeldIsNotWaitedForWithoutTime() throws {
    try onEverySchedule {
      let mutex = Mutex(0)
      let release = Event()
      let holder = Fiber.spawn { try mutex.withLock { _ in try release.wait() } }
      while mutex.withLockIfAvailable({ _ in }) != nil { Fiber.yield() }
      let patient = Fiber.spawn { mutex.withLock { $0 += 1 } }
      #expect(throws: Errno.timedOut) { try mutex.withLock(until: .now) { $0 += 10 } }
      release.set()
      try holder.value
      try patient.value
      try #require(mutex.withLock { $0 } == 1)
    }
  }

  // MARK: Fairness

  /// Ways in which fibers make themselves ready again and again.
  enum Requeueing: CaseIterable {
    case yields, sleepsOfNothing, permitsHandedBackAndForth, waitsThatAreRefused, spawnsItsSuccessor

    func begin(while isOn: @escaping () -> Bool) -> [AnyFiber] {
      switch self {
      case .yields: (0..<3).map { _ in Fiber.spawn { while isOn() { Fiber.yield() } } }
      case .sleepsOfNothing:
        (0..<3).map { _ in Fiber.spawn { while isOn() { try Fiber.sleep(for: .zero) } } }
      case .permitsHandedBackAndForth:
        {
          let (there, back) = (Semaphore(0), Semaphore(1))
          return [(back, there), (there, back)].map { mine, yours in
            Fiber.spawn {
              while isOn() {
                try mine.wait()
                yours.signal()
              }
              yours.signal()
            }
          }
        }()
      case .waitsThatAreRefused:
        [Fiber.spawn { try withTimeout(.zero) { while isOn() { try? Event().wait() } } }]
      case .spawnsItsSuccessor:
        {
          func next() { if isOn() { Fiber.spawn { next() } } }
          return [Fiber.spawn { next() }]
        }()
      }
    }
  }

  @Test(arguments: Requeueing.allCases)
  func fibersThatRequeueThemselvesStarveNeitherTimersNorSocketsNorOtherThreads(_ kind: Requeueing) throws {
    try onHub {
      let isOn = Box(true)
      let fibers = kind.begin { isOn.value }
      try Fiber.sleep(for: .milliseconds(5))
      let ticked = Event()
      Hub.current!.after(.milliseconds(1)) { ticked.set() }
      try ticked.wait(until: .after(.seconds(20)))
      let (left, right) = try socketPair()
      var byte: UInt8 = 1
      _ = write(right, &byte, 1)
      try Readiness.wait(for: left, .read, until: .after(.seconds(20)))
      let remote = Hub.current!.remote
      let called = Event()
      Thread.detachNewThread {
        remote.run { called.set() }
        remote.run {}
      }
      try called.wait(until: .after(.seconds(20)))
      isOn.value = false
      for fiber in fibers { try fiber.join() }
      close(left)
      close(right)
    }
  }

  @Test func aYieldLetsEverybodyElseRunOnce() throws {
    try onHub {
      var runs = [Int](repeating: 0, count: 100)
      var isOver = false
      let fibers = (0..<100).map { index in
        Fiber.spawn {
          while !isOver {
            runs[index] += 1
            Fiber.yield()
          }
        }
      }
      for round in 1...50 {
        Fiber.yield()
        #expect(runs.allSatisfy { $0 == round })
      }
      isOver = true
      for fiber in fibers { try fiber.value }
    }
  }

  @Test func twoWakesInARowFromAnotherThreadBothCount() throws {
    try onHub {
      let remote = Hub.current!.remote
      let count = Semaphore(0)
      for _ in 0..<50 {
        Thread.detachNewThread {
          remote.run { count.signal() }
          remote.run { count.signal() }
        }
      }
      for _ in 0..<100 { try count.wait(until: .after(.seconds(20))) }
    }
  }
}

private final class Box<Value> {
  var value: Value

  init(_ value: Value) { self.value = value }
}

private enum MemoryPipe {
  /// A wait for a descriptor that never becomes readable.
  static func read(until deadline: Deadline) throws {
    let (left, right) = try socketPair()
    defer {
      close(left)
      close(right)
    }
    try Readiness.wait(for: left, .read, until: deadline)
  }
}

private func socketPair() throws -> (CInt, CInt) {
  var ends: [CInt] = [0, 0]
  guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw Errno(rawValue: errno) }
  return (ends[0], ends[1])
}

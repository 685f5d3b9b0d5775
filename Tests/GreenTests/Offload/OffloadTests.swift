import Glibc
import Green
import SuiteSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error {}

/// How many are inside at once, and were at most.
private final class Gauge: Sendable {
  private let inside = Atomic(0)
  private let most = Atomic(0)
  private let total = Atomic(0)

  func enter(_ body: () -> Void = {}) {
    total.add(1, ordering: .relaxed)
    most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
    body()
    inside.subtract(1, ordering: .relaxed)
  }

  var highest: Int { most.load(ordering: .relaxed) }
  var entered: Int { total.load(ordering: .relaxed) }
}

/// A door that blocks whoever comes, on whatever thread, until it is opened.
private final class Door: Sendable {
  private let isOpen = Atomic(false)
  func open() { isOpen.store(true, ordering: .releasing) }
  func pass() { while !isOpen.load(ordering: .acquiring) { usleep(500) } }
}

private final class NotSendable {
  var number = 0
}

@Suite(.bounded) struct OffloadTests {
  @Test func otherFibersRunWhileACallBlocks() throws {
    try onHub {
      let door = Door()
      let call = Fiber.spawn {
        try offload {
          door.pass()
          return 5
        }
      }
      var turns = 0
      for _ in 0..<20 {
        try Fiber.sleep(for: .milliseconds(1))
        turns += 1
      }
      #expect(turns == 20)
      #expect(!call.isFinished)
      door.open()
      let value = try call.value
      #expect(value == 5)
    }
  }

  @Test func theCallRunsOnAnotherThreadAndTheFiberGoesOnWhereItWas() throws {
    try onHub {
      let home = pthread_self()
      let isElsewhere = try offload { pthread_equal(home, pthread_self()) == 0 && Hub.current == nil }
      #expect(isElsewhere)
      #expect(pthread_equal(home, pthread_self()) != 0)
    }
  }

  @Test func outsideAFiberTheCallIsJustMade() throws {
    let home = pthread_self()
    let pool = OffloadPool(maximum: 1)
    let isHere = try pool.run { pthread_equal(home, pthread_self()) != 0 }
    #expect(isHere)
    #expect(pool.statistics.threads == 0)
  }

  @Test func whatTheCallThrowsIsThrown() throws {
    try onHub {
      #expect(throws: Broken.self) { try offload { throw Broken() } }
      let text = try offload { "still works" }
      #expect(text == "still works")
    }
  }

  @Test func theResultNeedNotBeSendable() throws {
    let number = try onHub {
      let made = try offload {
        let object = NotSendable()
        object.number = 8
        return object
      }
      return made.number
    }
    #expect(number == 8)
  }

  @Test func aThousandCallsAreMadeByFourThreads() throws {
    let (pool, gauge, patience) = (OffloadPool(maximum: 4), Gauge(), Deadline.after(.seconds(20)))
    try onHub {
      let calls = (0..<1000).map { number in
        Fiber.spawn {
          try pool.run {
            gauge.enter {
              // A busy machine takes its time to start the fourth thread; a fifth would have time too.
              while gauge.highest < 4 && !patience.hasPassed { usleep(1000) }
              usleep(100)
            }
            return number * 2
          }
        }
      }
      for (number, call) in calls.enumerated() {
        let value = try call.value
        #expect(value == number * 2)
      }
    }
    #expect(gauge.highest == 4)
    #expect(gauge.entered == 1000)
    let statistics = pool.statistics
    #expect(statistics.threads == 4 && statistics.queued == 0 && statistics.running == 0)
  }

  @Test func callsAreMadeInTheOrderInWhichTheyCame() throws {
    let pool = OffloadPool(maximum: 1)
    let order = Green.Mutex<[Int]>([])
    try onHub {
      let calls = (0..<50).map { number in Fiber.spawn { try pool.run { order.withLock { $0.append(number) } } } }
      for call in calls { try call.value }
    }
    #expect(order.withLock { $0 } == Array(0..<50))
  }

  @Test func oneCallAfterTheOtherNeedsOneThread() throws {
    let pool = OffloadPool(maximum: 8)
    try onHub {
      for _ in 0..<500 { try pool.run {} }
      #expect(pool.statistics.threads == 1)
    }
  }

  @Test func severalHubsShareAPool() throws {
    let (pool, gauge) = (OffloadPool(maximum: 3), Gauge())
    try inParallel(
      (0..<3).map { hub in
        {
          try Hub.run {
            let calls = (0..<200).map { number in
              Fiber.spawn {
                try pool.run {
                  gauge.enter()
                  return hub * 1000 + number
                }
              }
            }
            for (number, call) in calls.enumerated() {
              let value = try call.value
              #expect(value == hub * 1000 + number)
            }
          }
        }
      })
    #expect(gauge.entered == 600)
    #expect(gauge.highest <= 3)
  }

  @Test func aWaitThatEndsEarlyLeavesTheRunningCallAloneAndDropsItsResult() throws {
    let (pool, door, gauge, begun) = (OffloadPool(maximum: 1), Door(), Gauge(), Gauge())
    try onHub {
      // Where the time was not enough to begin it, it is not made.
      repeat {
        #expect(throws: Errno.timedOut) {
          try pool.run(until: .after(.milliseconds(100))) {
            begun.enter()
            door.pass()
            gauge.enter()
            return NotSendable()
          }
        }
      } while begun.entered == 0
      #expect(pool.statistics.running == 1)
      door.open()
      try pool.run {}
      #expect(gauge.entered == 1)
    }
  }

  @Test func aCallWhoseWaitEndedBeforeItBeganIsNotMade() throws {
    let (pool, door, gauge) = (OffloadPool(maximum: 1), Door(), Gauge())
    try onHub {
      let first = Fiber.spawn { try pool.run { door.pass() } }
      while pool.statistics.running == 0 { try Fiber.sleep(for: .milliseconds(1)) }
      let early = (0..<20).map { number in
        Fiber.spawn { try pool.run(until: .after(.milliseconds(5 + number % 3))) { gauge.enter() } }
      }
      let last = Fiber.spawn { try pool.run { 3 } }
      for call in early { #expect(throws: Errno.timedOut) { try call.value } }
      let statistics = pool.statistics
      #expect(statistics.threads == 1 && statistics.queued == 1 && statistics.running == 1)
      #expect(throws: Errno.timedOut) { try pool.run(until: .now) { gauge.enter() } }
      door.open()
      try first.value
      let value = try last.value
      #expect(value == 3)
      #expect(gauge.entered == 0)
    }
  }

  @Test func deadlinesThatRaceWithCompletionNeitherHangNorCrash() throws {
    let pool = OffloadPool(maximum: 3)
    try onHub {
      let calls = (0..<3000).map { number in
        Fiber.spawn {
          do {
            return try pool.run(until: .after(.microseconds(number * 7 % 3000))) { number } == number
          } catch Errno.timedOut {
            return true
          }
        }
      }
      for call in calls {
        let isRight = try call.value
        #expect(isRight)
      }
    }
    #expect(pool.statistics.queued == 0)
  }

  @Test func idleThreadsEndAndComeAgain() throws {
    let pool = OffloadPool(maximum: 4, idleTimeout: .milliseconds(20))
    try onHub {
      for _ in 0..<3 {
        let calls = (0..<8).map { _ in
          Fiber.spawn {
            try pool.run {
              usleep(2000)
              return pool.statistics.threads
            }
          }
        }
        let threads = try calls.map { try $0.value }
        #expect(threads.allSatisfy { $0 >= 1 })
        let deadline = Deadline.after(.seconds(10))
        while pool.statistics.threads > 0 && !deadline.hasPassed { try Fiber.sleep(for: .milliseconds(5)) }
        #expect(pool.statistics.threads == 0)
      }
    }
  }

  @Test func threadsEndWithTheirPool() throws {
    let gauge = Gauge()
    try onHub {
      for _ in 0..<50 {
        let pool = OffloadPool(maximum: 2, idleTimeout: .seconds(3600))
        let calls = (0..<4).map { _ in Fiber.spawn { try pool.run { gauge.enter() } } }
        for call in calls { try call.value }
      }
    }
    #expect(gauge.entered == 200)
  }

  @Test func theLimitMayBeRaisedWhileCallsWait() throws {
    let (pool, door, gauge) = (OffloadPool(maximum: 0), Door(), Gauge())
    #expect(pool.maximum == 1)
    try onHub {
      let calls = (0..<3).map { _ in
        Fiber.spawn {
          try pool.run {
            gauge.enter { door.pass() }
          }
        }
      }
      try Fiber.sleep(for: .milliseconds(5))
      #expect(pool.statistics.threads == 1)
      pool.maximum = 3
      let deadline = Deadline.after(.seconds(10))
      while gauge.highest < 3 && !deadline.hasPassed { try Fiber.sleep(for: .milliseconds(2)) }
      #expect(pool.statistics.running == 3)
      door.open()
      for call in calls { try call.value }
    }
    #expect(gauge.highest == 3)
  }
}

import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct MutexTests {
  @Test func oneFiberAtATimeHoldsItAlsoOverAWait() throws {
    try onEverySchedule {
      let mutex = Mutex((inside: 0, most: 0))
      let fibers = (0..<20).map { _ in
        Fiber.spawn {
          try mutex.withLock {
            $0.inside += 1
            $0.most = max($0.most, $0.inside)
            try Fiber.sleep(for: .milliseconds(1))
            $0.inside -= 1
          }
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(mutex.withLock { $0.most } == 1)
    }
  }

  @Test func itIsGivenInTheOrderInWhichItWasAskedFor() throws {
    let order = try onHub {
      let mutex = Mutex<[Int]>([])
      let fibers = (0..<10).map { index in
        Fiber.spawn {
          mutex.withLock {
            $0.append(index)
            Fiber.yield()
          }
        }
      }
      for fiber in fibers { try fiber.value }
      return mutex.withLock { $0 }
    }
    #expect(order == Array(0..<10))
  }

  @Test func itIsGivenBackWhenTheBodyThrows() throws {
    struct Broken: Error {}
    let mutex = Mutex(1)
    #expect(throws: Broken.self) { try mutex.withLock { _ in throw Broken() } }
    #expect(mutex.withLockIfAvailable { $0 } == 1)
  }

  @Test func itIsNotAvailableWhileHeld() {
    let mutex = Mutex(1)
    mutex.withLock { _ in #expect(mutex.withLockIfAvailable { $0 } == nil) }
  }

  @Test func itWorksBetweenThreads() throws {
    let mutex = Mutex(0)
    try onHub {
      let others = (0..<4).map { _ in
        Fiber.spawn { try onThread { for _ in 0..<10_000 { mutex.withLock { $0 += 1 } } } }
      }
      for other in others { try other.value }
    }
    #expect(mutex.withLock { $0 } == 40_000)
  }

  @Test func itWorksBetweenTheFibersOfTwoHubs() throws {
    let mutex = Mutex(0)
    let work: () throws -> Void = {
      let fibers = (0..<10).map { _ in
        Fiber.spawn {
          for _ in 0..<200 {
            mutex.withLock {
              let value = $0
              Fiber.yield()
              $0 = value + 1
            }
          }
        }
      }
      for fiber in fibers { try fiber.value }
    }
    try inParallel([{ try onHub(work) }, { try onHub(work) }])
    #expect(mutex.withLock { $0 } == 4000)
  }
}

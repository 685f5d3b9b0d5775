import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct WeightedSemaphoreTests {
  @Test func aLargeRequestIsNotOvertakenBySmallOnes() throws {
    try onHub {
      let semaphore = Semaphore(4)
      try semaphore.acquire(3)
      var order: [String] = []
      func ask(_ name: String, for count: Int) -> Fiber<Void> {
        let fiber = Fiber.spawn {
          try semaphore.acquire(count)
          order.append(name)
        }
        settle()
        return fiber
      }
      let fibers = [ask("large", for: 4), ask("small", for: 1), ask("two", for: 2)]
      // One is free, and is not given to who came later.
      #expect(order.isEmpty && semaphore.available == 1)
      #expect(!semaphore.waitIfAvailable() && !semaphore.acquireIfAvailable(1))
      semaphore.release(2)
      settle()
      #expect(order.isEmpty)
      semaphore.signal()
      try fibers[0].value
      semaphore.release(4)
      for fiber in fibers { try fiber.value }
      #expect(order == ["large", "small", "two"] && semaphore.available == 1)
    }
  }

  @Test func whereALargeRequestIsCalledOffThoseAfterItGoOn() throws {
    try onHub {
      let semaphore = Semaphore(2)
      let large = Fiber.spawn { try semaphore.acquire(3) }
      settle()
      let selecting = Fiber.spawn { try select(.wait(semaphore) { 1 }, .timeout(.seconds(30)) { 0 }) }
      let small = Fiber.spawn { try semaphore.wait() }
      settle()
      #expect(!selecting.isFinished && !small.isFinished)
      large.cancel()
      #expect(throws: CancellationError.self) { try large.value }
      let selected = try selecting.value(until: .after(.seconds(10)))
      #expect(selected == 1)
      try small.value(until: .after(.seconds(10)))
      #expect(semaphore.available == 0)
    }
  }

  @Test func aLargeRequestThatGivesUpTakesNothing() throws {
    try onHub {
      let semaphore = Semaphore(2)
      #expect(throws: Errno.timedOut) { try semaphore.acquire(3, until: .after(.milliseconds(2))) }
      #expect(semaphore.available == 2)
      try semaphore.withPermits(2) { #expect(semaphore.available == 0) }
      #expect(throws: Errno.noMemory) { try semaphore.withPermits(2) { throw Errno.noMemory } }
      #expect(semaphore.available == 2)
    }
  }

  @Test func whatNobodyCanGetIsRefused() throws {
    let semaphore = Semaphore(1, limit: 5)
    #expect(throws: Errno.invalidArgument) { try semaphore.acquire(6) }
    #expect(throws: Errno.invalidArgument) { try semaphore.acquire(-1) }
    #expect(throws: Errno.invalidArgument) { try semaphore.acquire(.max) }
    #expect(!semaphore.acquireIfAvailable(6) && !semaphore.acquireIfAvailable(-1))
    try semaphore.acquire(0)
    #expect(semaphore.acquireIfAvailable(0) && semaphore.available == 1)
    semaphore.release(0)
    semaphore.release(4)
    #expect(semaphore.acquireIfAvailable(5) && semaphore.available == 0)
  }

  @Test func whateverTheScheduleNoMoreIsOutThanThereIsAndAllIsGivenBack() throws {
    try onEverySchedule {
      let semaphore = Semaphore(10, limit: 10)
      var out = 0
      let fibers = (0..<30).map { index in
        Fiber.spawn {
          for round in 0..<5 {
            let count = (index * 7 + round * 3) % 10 + 1
            guard (try? semaphore.acquire(count, until: .after(.microseconds(20 * (index % 7) + 1)))) != nil else {
              continue
            }
            out += count
            try #require(out <= 10)
            try Fiber.sleep(for: .microseconds(index % 5))
            out -= count
            semaphore.release(count)
          }
        }
      }
      for fiber in fibers { try fiber.value }
      try #require(semaphore.available == 10)
    }
  }

  @Test func threadsAndHubsShareItsPermits() throws {
    let semaphore = Semaphore(7, limit: 7), out = Mutex((now: 0, most: 0))
    let work: () throws -> Void = {
      for round in 0..<300 {
        let count = round % 7 + 1
        try semaphore.withPermits(count) {
          out.withLock { $0 = ($0.now + count, max($0.most, $0.now + count)) }
          Fiber.yield()
          out.withLock { $0.now -= count }
        }
      }
    }
    let hub: () throws -> Void = {
      try onHub { for fiber in (0..<3).map({ _ in Fiber.spawn { try work() } }) { try fiber.value } }
    }
    try inParallel([work, hub, hub])
    #expect(out.withLock { $0.now } == 0 && out.withLock { $0.most } <= 7)
    #expect(semaphore.available == 7)
  }

  /// Each cost that grew with the number of those who wait would take minutes here.
  @Test func fiftyThousandWaitersAreServedInTheirOrder() throws {
    try onHub {
      let semaphore = Semaphore(0)
      var (next, isInOrder) = (0, true)
      let count = Sanitizer.current == nil ? 50_000 : 5000
      let fibers = (0..<count).map { index in
        Fiber.spawn {
          try semaphore.acquire(2)
          if index != next { isInOrder = false }
          next += 1
        }
      }
      Fiber.yield()
      // Half of them leave, from the last to the first.
      for index in stride(from: count - 1, to: 0, by: -2) { fibers[index].cancel() }
      for index in stride(from: 0, to: count, by: 2) {
        next = index
        semaphore.release(2)
        try fibers[index].value
      }
      #expect(isInOrder && semaphore.available == 0)
    }
  }
}

import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {
  var number = 0
}

@Suite(.bounded) struct PoolTests {
  @Test func atMostSoManyRunAtOnce() throws {
    try onHub {
      let pool = FiberPool(limit: 3)
      var (inside, most) = (0, 0)
      let fibers = try (0..<20).map { number in
        try pool.spawn {
          inside += 1
          most = max(most, inside)
          try Fiber.sleep(for: .microseconds(100))
          inside -= 1
          return number
        }
      }
      try pool.join()
      #expect(most == 3 && pool.count == 0 && pool.freeCount == 3)
      let values = try fibers.map { try $0.value }
      #expect(values == Array(0..<20))
    }
  }

  @Test func aFullPoolRefusesWhoDoesNotWait() throws {
    try onHub {
      let pool = FiberPool(limit: 1), open = Event()
      let first = try pool.spawn { try open.wait() }
      #expect(pool.isFull && pool.contains(first) && pool.fibers.count == 1)
      let refused = try pool.trySpawn {}
      #expect(refused == nil)
      #expect(throws: Errno.timedOut) { try pool.waitForRoom(until: .after(.milliseconds(1))) }
      open.set()
      try pool.waitForRoom()
      let accepted = try pool.trySpawn { 5 }
      let value = try accepted?.value
      #expect(value == 5 && !pool.contains(first))
    }
  }

  @Test func oneThatIsCancelledBeforeItRanMakesRoom() throws {
    try onHub {
      let pool = FiberPool(limit: 1)
      for _ in 0..<5 {
        let fiber = try pool.spawn { Issue.record("it was cancelled before it could run") }
        fiber.cancel()
      }
      try pool.join()
      #expect(pool.freeCount == 1)
    }
  }

  @Test func aFibersErrorIsItsOwn() throws {
    try onHub {
      let pool = FiberPool(limit: 2)
      let failing = try pool.spawn { throw Broken() }
      let other = try pool.spawn { 1 }
      try pool.join()
      let value = try other.value
      #expect(value == 1)
      #expect(throws: Broken()) { try failing.value }
    }
  }

  @Test func allAreCancelledAndWaitedFor() throws {
    try onHub {
      let pool = FiberPool()
      var cleanUps = 0
      for _ in 0..<10 {
        try pool.spawn {
          defer { cleanUps += 1 }
          try Fiber.sleep(for: .seconds(100))
        }
      }
      settle()
      pool.cancelAll()
      try pool.join()
      #expect(cleanUps == 10)
      // It is as good as new.
      let value = try pool.apply { 3 }
      #expect(value == 3)
    }
  }

  @Test func fibersFromElsewhereAreAddedAndLetGo() throws {
    try onHub {
      let pool = FiberPool(limit: 2), open = Event()
      let fibers = (0..<3).map { _ in Fiber.spawn { try open.wait() } }
      try pool.add(fibers[0])
      try pool.add(fibers[0])
      try pool.add(fibers[1])
      #expect(pool.count == 2 && pool.isFull)
      #expect(throws: Errno.timedOut) { try pool.add(fibers[2], until: .now) }
      pool.discard(fibers[0])
      pool.discard(fibers[0])
      #expect(pool.freeCount == 1)
      try pool.add(fibers[2])
      open.set()
      try pool.join()
      for fiber in fibers { try fiber.value }
      #expect(pool.freeCount == 2)
      try pool.add(fibers[0])
      #expect(pool.count == 0, "a finished fiber takes no room")
    }
  }

  // MARK: Map

  @Test func mapGivesTheResultsInTheOrderOfTheItems() throws {
    try onHub {
      let pool = FiberPool(limit: 4)
      let results = try pool.map(0..<20) { number in
        try Fiber.sleep(for: .microseconds((number * 7) % 5 * 200))
        return number * number
      }
      #expect(results == (0..<20).map { $0 * $0 })
      let none = try pool.map([Int]()) { $0 }
      #expect(none.isEmpty)
    }
  }

  @Test func resultsComeAsTheyAreThere() throws {
    try onHub {
      let pool = FiberPool(limit: 10)
      var order: [Int] = []
      try pool.forEachResult(of: [30, 1, 15]) {
        try Fiber.sleep(for: .milliseconds($0))
        return $0
      } do: {
        order.append($0)
      }
      #expect(order == [1, 15, 30])
    }
  }

  @Test func itemsAreDrawnAsThereIsRoom() throws {
    try onHub {
      let pool = FiberPool(limit: 2)
      var (drawn, done) = (0, 0)
      let items = sequence(state: 0) { number -> Int? in
        drawn += 1
        number += 1
        return number <= 50 ? number : nil
      }
      try pool.forEachResult(of: items) {
        $0
      } do: { _ in
        done += 1
        #expect(drawn <= done + 2 + 10)
      }
      #expect(done == 50)
    }
  }

  @Test func theFirstErrorEndsTheCallAndItsFibers() throws {
    try onHub {
      let pool = FiberPool(limit: 3)
      var (begun, ended) = (0, 0)
      let other = try pool.spawn { try Fiber.sleep(for: .milliseconds(20)) }
      for unordered in [false, true] {
        (begun, ended) = (0, 0)
        #expect(throws: Broken(number: 2)) {
          let work: (Int) throws -> Int = { number in
            begun += 1
            defer { ended += 1 }
            if number == 2 { throw Broken(number: 2) }
            try Fiber.sleep(for: number == 0 ? .seconds(100) : .microseconds(10))
            return number
          }
          if unordered {
            try pool.forEachResult(of: 0..<1000, work) { _ in }
          } else {
            _ = try pool.map(0..<1000, work)
          }
        }
        #expect(begun == ended && begun < 20)
      }
      #expect(!other.isCancelled && pool.count <= 1)
      try other.value
    }
  }

  @Test func anErrorOfWhoTakesTheResultsEndsItToo() throws {
    try onHub {
      let pool = FiberPool(limit: 3)
      #expect(throws: Broken()) {
        try pool.forEachResult(of: 0..<1000, { $0 }) { if $0 == 5 { throw Broken() } }
      }
      #expect(pool.count == 0 && pool.freeCount == 3)
    }
  }

  @Test func cancellingTheCallerCancelsWhatItWaitsFor() throws {
    try onHub {
      let pool = FiberPool(limit: 2)
      var cleanUps = 0
      let calls: [() throws -> Void] = [
        {
          _ = try pool.map(0..<10) { _ in
            defer { cleanUps += 1 }
            try Fiber.sleep(for: .seconds(100))
          }
        },
        {
          try pool.apply {
            defer { cleanUps += 1 }
            try Fiber.sleep(for: .seconds(100))
          }
        },
        {
          try pool.forEachResult(of: 0..<10) { _ in
            defer { cleanUps += 1 }
            try Fiber.sleep(for: .seconds(100))
          } do: { _ in
          }
        },
      ]
      for call in calls {
        let caller = Fiber.spawn { try call() }
        settle()
        caller.cancel()
        #expect(throws: CancellationError.self) { try caller.value }
        #expect(pool.count == 0 && pool.freeCount == 2)
      }
      #expect(cleanUps == 5)
    }
  }

  @Test func applyInsideThePoolNeedsNoRoom() throws {
    try onHub {
      let pool = FiberPool(limit: 1)
      let value = try pool.apply { try pool.apply { try pool.apply { 6 } } }
      #expect(value == 6)
    }
  }
}

@Suite(.bounded) struct SeveralFibersTests {
  @Test func waitAllWaitsForAllWhateverTheirEnd() throws {
    try onHub {
      let fibers: [AnyFiber] = [
        Fiber.spawn { try Fiber.sleep(for: .milliseconds(2)) }, Fiber<Int>.spawn { throw Broken() }, Fiber.spawn { 1 },
      ]
      try Fiber.waitAll(fibers)
      let allHaveFinished = fibers.allSatisfy(\.isFinished)
      #expect(allHaveFinished)
      _ = (fibers[1] as? Fiber<Int>)?.result
      let slow = Fiber.spawn { try Fiber.sleep(for: .seconds(100)) }
      #expect(throws: Errno.timedOut) { try Fiber.waitAll(fibers + [slow], until: .after(.milliseconds(2))) }
      slow.cancel()
    }
  }

  @Test func waitAnyReturnsTheFirstThatFinishes() throws {
    try onVirtualHub {
      let fibers = [30, 1, 20].map { time in Fiber.spawn { try Fiber.sleep(for: .milliseconds(time)) } }
      let first = try Fiber.waitAny(fibers)
      #expect(first === fibers[1])
      let again = try Fiber.waitAny(fibers)
      #expect(again === fibers[1], "it has finished")
      let none = try Fiber.waitAny([])
      #expect(none == nil)
      #expect(throws: Errno.timedOut) { try Fiber.waitAny([fibers[0]], until: .after(.milliseconds(1))) }
      for fiber in fibers { fiber.cancel() }
    }
  }

  @Test func asTheyFinish() throws {
    try onHub {
      let times = [15, 1, 30, 8]
      let fibers = times.map { time in
        Fiber.spawn {
          try Fiber.sleep(for: .milliseconds(time))
          return time
        }
      }
      var order: [Int] = []
      for fiber in Fiber.asFinished(fibers) { order.append(try fiber.value) }
      #expect(order == [1, 8, 15, 30])
      let again = Array(Fiber.asFinished(fibers))
      #expect(again.count == 4)
      let slow: [AnyFiber] = [Fiber.spawn { try Fiber.sleep(for: .seconds(100)) }]
      #expect(Array(Fiber.asFinished(slow, until: .after(.milliseconds(1)))).isEmpty)
      slow[0].cancel()
    }
  }

  @Test func oneSpawnedForLaterRunsThenOrNever() throws {
    try onHub {
      let start = Deadline.now
      let fiber = Fiber.spawn(after: .milliseconds(5)) { Deadline.now }
      let never = Fiber.spawn(after: .seconds(100)) { Issue.record("it was cancelled before its time") }
      let time = try fiber.value
      #expect(time.nanoseconds - start.nanoseconds >= 5_000_000)
      never.cancel()
      #expect(throws: CancellationError.self) { try never.value }
    }
  }
}

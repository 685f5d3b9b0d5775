import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

/// Who is told of a fiber's end, and in which order.
@Suite(.bounded) struct LinkTests {
  @Test func observersAreToldInTheirOrderHoweverItEnds() throws {
    try onHub {
      var told: [String] = []
      let ends: [(String, () throws -> Void)] = [
        ("value", {}), ("error", { throw Broken() }), ("cancelled", { try Fiber.sleep(for: .seconds(100)) }),
        ("never begun", { Issue.record("it was cancelled before it could begin") }),
      ]
      for (name, body) in ends {
        let fiber = Fiber.spawn { try body() }
        for index in 0..<3 {
          fiber.whenFinished {
            #expect($0 === fiber && $0.isFinished)
            told.append("\(name) \(index)")
          }
        }
        if name == "cancelled" { settle() }
        if name.hasSuffix("n") || name == "cancelled" { fiber.cancel() }
        try fiber.join()
        _ = fiber.result
      }
      #expect(told == ends.flatMap { end in (0..<3).map { "\(end.0) \($0)" } })
    }
  }

  @Test func whoAsksAfterTheEndIsToldAtOnce() throws {
    try onHub {
      let fiber = Fiber.spawn { 1 }
      try fiber.join()
      var isTold = false
      fiber.whenFinished { _ in isTold = true }
      #expect(isTold)
    }
  }

  @Test func anObserverMayWakeAndSpawn() throws {
    try onHub {
      let event = Event()
      var follower: Fiber<Int>?
      let fiber = Fiber.spawn {}
      fiber.whenFinished { _ in
        event.set()
        follower = Fiber.spawn { 2 }
      }
      try event.wait()
      let value = try follower?.value
      #expect(value == 2)
    }
  }

  @Test func joinersGoOnInTheOrderInWhichTheyCame() throws {
    let order = try onHub {
      var order: [Int] = []
      let open = Event()
      let fiber = Fiber.spawn { try open.wait() }
      let joiners = (0..<5).map { index in
        Fiber.spawn {
          try fiber.join()
          order.append(index)
        }
      }
      settle()
      open.set()
      for joiner in joiners { try joiner.value }
      return order
    }
    #expect(order == [0, 1, 2, 3, 4])
  }

  @Test func aJoinerThatGivesUpLeavesTheOthersAndTheFiberAlone() throws {
    try onHub {
      let open = Event()
      let fiber = Fiber.spawn {
        try open.wait()
        return 3
      }
      let first = Fiber.spawn { try fiber.value }
      let second = Fiber.spawn { try fiber.value(until: .after(.milliseconds(2))) }
      let third = Fiber.spawn { try fiber.value }
      settle()
      first.cancel()
      #expect(throws: CancellationError.self) { try first.value }
      #expect(throws: Errno.timedOut) { try second.value }
      let late = Fiber.spawn { try fiber.value }
      settle()
      #expect(!fiber.isCancelled && !third.isFinished)
      open.set()
      let values = [try third.value, try late.value]
      #expect(values == [3, 3])
    }
  }

  @Test func aFiberMayNotWaitForItselfForEver() throws {
    try onHub {
      var own: Fiber<Void>?
      let fiber = Fiber.spawn { try own!.join(until: .after(.milliseconds(2))) }
      own = fiber
      #expect(throws: Errno.timedOut) { try fiber.value }
    }
  }

  /// Join and selection, deadline and scope, cancellation and end, all about the same time: nobody hangs, and whoever has
  /// the value has the right one.
  @Test func endsAndEveryKindOfGivingUpRace() throws {
    try onHub {
      var got = 0
      for round in 0..<100 {
        let fiber = Fiber.spawn {
          try Fiber.sleep(for: .microseconds(round * 7 % 300))
          return round
        }
        let waits: [() throws -> Int] = [
          { try fiber.value }, { try fiber.value(until: .after(.microseconds(150))) },
          { try withTimeout(.microseconds(150)) { try fiber.value } },
          { try select(.value(of: fiber) { $0 }, .timeout(.microseconds(150)) { throw Errno.timedOut }) },
        ]
        let waiters = waits.map { wait in Fiber.spawn { try wait() } }
        let victim = waiters[round % 4]
        let killer = Fiber.spawn(after: .microseconds(100)) { victim.cancel() }
        for waiter in waiters {
          try waiter.join(until: .after(.seconds(20)))
          if case .success(let value)? = waiter.result {
            #expect(value == round)
            got += 1
          }
        }
        try killer.join()
        try fiber.join()
      }
      #expect(got > 0)
    }
  }
}

import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct BlockingTests {
  @Test(arguments: blocking)
  func aWakeEndsTheWait(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let waiter = Blocking.waiter(pair)
      #expect(!waiter.isFinished)
      try pair.wake()
      try waiter.value
    }
  }

  @Test(arguments: blocking)
  func whoCameFirstGoesFirst(_ one: Blocking) throws {
    let order = try onHub {
      let pair = one.make()
      defer { pair.end() }
      var order: [Int] = []
      let waiters = (0..<10).map { index in
        Fiber.spawn {
          try pair.wait(.never)
          order.append(index)
        }
      }
      settle()
      for _ in 0..<(one.letsAllGo ? 1 : 10) { try pair.wake() }
      for waiter in waiters { try waiter.value }
      return order
    }
    #expect(order == Array(0..<10))
  }

  /// A condition says only that the value has changed: whoever looks first finds it.
  @Test(arguments: blockingOne.filter { $0.name != "a condition" })
  func aNewcomerDoesNotOvertakeThoseWhoWait(_ one: Blocking) throws {
    let order = try onHub {
      let pair = one.make()
      defer { pair.end() }
      var order: [String] = []
      let waiters = (0..<3).map { index in
        Fiber.spawn {
          try pair.wait(.never)
          order.append("\(index)")
        }
      }
      settle()
      let newcomers = (0..<3).map { index in
        // It asks in the very turn in which it was given, before who waited has run.
        try? pair.wake()
        return Fiber.spawn {
          try pair.wait(.after(.milliseconds(1)))
          order.append("newcomer \(index)")
        }
      }
      for waiter in waiters { try waiter.value }
      for newcomer in newcomers { #expect(throws: Errno.timedOut) { try newcomer.value } }
      return order
    }
    #expect(order == ["0", "1", "2"])
  }

  @Test(arguments: blocking)
  func theDeadlineEndsTheWaitAndNothingWasTaken(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let waiters = (0..<3).map { _ in Blocking.waiter(pair, until: .after(.milliseconds(5))) }
      let patient = Blocking.waiter(pair, until: .after(.seconds(30)))
      for waiter in waiters { #expect(throws: Errno.timedOut) { try waiter.value } }
      try pair.wake()
      try patient.value
    }
  }

  @Test(arguments: blocking)
  func aDeadlineInThePastEndsItAtOnce(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      for deadline in [Deadline.now, Deadline(nanoseconds: 0), Deadline(nanoseconds: .min)] {
        #expect(throws: Errno.timedOut) { try pair.wait(deadline) }
      }
      let patient = Blocking.waiter(pair)
      try pair.wake()
      try patient.value
    }
  }

  @Test(arguments: blocking)
  func whatIsThereIsTakenWhateverTheDeadline(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      try pair.wake()
      settle()
      try pair.wait(Deadline(nanoseconds: 0))
    }
  }

  @Test(arguments: blocking)
  func cancellationEndsTheWaitAndNothingWasTaken(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let (first, second, third) = (Blocking.waiter(pair), Blocking.waiter(pair), Blocking.waiter(pair))
      second.cancel()
      #expect(throws: CancellationError.self) { try second.value }
      first.cancel()
      #expect(throws: CancellationError.self) { try first.value }
      try pair.wake()
      try third.value
    }
  }

  @Test(arguments: blocking)
  func aCancelledFiberCannotBeginToWait(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let start = Event()
      let waiter = Fiber.spawn {
        try withShield { try start.wait() }
        try pair.wait(.never)
      }
      settle()
      waiter.cancel()
      start.set()
      #expect(throws: CancellationError.self) { try waiter.value }
      let other = Blocking.waiter(pair)
      try pair.wake()
      try other.value
    }
  }

  @Test(arguments: blocking)
  func aCancelledFiberStillGetsWhatIsThere(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      try pair.wake()
      settle()
      let start = Event()
      let waiter = Fiber.spawn {
        try withShield { try start.wait() }
        try pair.wait(.never)
      }
      settle()
      waiter.cancel()
      start.set()
      try waiter.value
    }
  }

  @Test(arguments: blockingOne)
  func wokenAndThenCancelledItHasWhatItWaitedFor(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let (first, second) = (Blocking.waiter(pair), Blocking.waiter(pair))
      try pair.wake()
      first.cancel()
      // Either it was told in time, and has it, or the next gets it: here the wake came first.
      settle()
      let wasTaken = (try? first.value) != nil
      if wasTaken { try pair.wake() }
      try second.value(until: .after(.seconds(10)))
    }
  }

  @Test(arguments: blockingOne)
  func cancelledAndThenWokenTheNextGetsIt(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      let (first, second) = (Blocking.waiter(pair), Blocking.waiter(pair))
      first.cancel()
      try pair.wake()
      settle()
      // The wake may have met the first while it was on its way out; then it has it.
      if (try? first.value) != nil { try pair.wake() }
      try second.value(until: .after(.seconds(10)))
    }
  }

  @Test(arguments: blocking)
  func ofNestedTimeoutsTheEarlierCounts(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      try withTimeout(.seconds(30)) {
        #expect(throws: TimeoutError.self) {
          try withTimeout(.milliseconds(5)) {
            try withTimeout(.seconds(20)) { try pair.wait(.never) }
          }
        }
        // Outside, it can wait again.
        let waiter = Blocking.waiter(pair)
        try pair.wake()
        try waiter.value
      }
    }
  }

  @Test(arguments: blocking)
  func theCallsOwnDeadlineIsToldFromTheScopes(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      #expect(throws: Errno.timedOut) {
        try withTimeout(.seconds(30)) { try pair.wait(.after(.milliseconds(2))) }
      }
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(2)) { try pair.wait(.after(.seconds(30))) }
      }
      try pair.wake()
      settle()
      try pair.wait(.never)
    }
  }

  /// Wakes and deadlines that come in every order about the same time: what was given is there in the end.
  @Test(arguments: blockingOne)
  func nothingIsLostWhereWakesAndDeadlinesRace(_ one: Blocking) throws {
    try onHub {
      let pair = one.make()
      defer { pair.end() }
      var got = 0
      let waiters = (0..<200).map { index in
        Fiber.spawn {
          do {
            try pair.wait(.after(.microseconds(50 * (index % 20))))
            got += 1
          } catch Errno.timedOut {}
        }
      }
      var given = 0
      for _ in 0..<50 {
        if (try? pair.wake()) != nil { given += 1 }
        Fiber.yield()
      }
      for waiter in waiters { try waiter.value }
      // What nobody got in time is still there to be taken, and no more than that.
      settle()
      while (try? pair.wait(.now)) != nil {
        got += 1
        settle()
      }
      #expect(got == given)
    }
  }
}

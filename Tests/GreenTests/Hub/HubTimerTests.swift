import Green
import GreenTesting
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct HubTimerTests {
  @Test func aTimerFiresOnceAtItsTime() throws {
    try onVirtualHub {
      var times: [Duration] = []
      let timer = Hub.current!.after(.seconds(60)) { times.append(TestHub.elapsed!) }
      #expect(timer.isSet && timer.deadline.remaining == .seconds(60))
      try Fiber.sleep(for: .seconds(600))
      #expect(times == [.seconds(60)])
      #expect(!timer.isSet && timer.deadline == .never)
    }
  }

  @Test func timersFireInTheOrderOfTheirTimesAndThenOfTheirSetting() throws {
    try onVirtualHub {
      var order: [Int] = []
      for (index, time) in [3, 1, 2, 1, 3].enumerated() {
        Hub.current!.after(.seconds(time)) { order.append(index) }
      }
      try Fiber.sleep(for: .seconds(5))
      #expect(order == [1, 3, 2, 0, 4])
    }
  }

  @Test func aRepeatedTimerKeepsToItsTimesWithoutDrift() throws {
    try onVirtualHub {
      var times: [Duration] = []
      let timer = Hub.current!.after(.seconds(1), repeating: .milliseconds(700)) { times.append(TestHub.elapsed!) }
      try Fiber.sleep(for: .seconds(700 + 1))
      timer.cancel()
      try Fiber.sleep(for: .seconds(10))
      #expect(times.count == 1001)
      #expect(times.last == .seconds(701))
    }
  }

  @Test func aCancelledTimerDoesNotFireAndLetsGoOfItsFunction() throws {
    try onVirtualHub {
      var calls = 0
      let kept = Kept()
      weak let watched = kept
      let timer = { (kept: Kept) in
        Hub.current!.after(.seconds(1)) {
          kept.touch(); calls += 1
        }
      }(kept)
      #expect(watched != nil)
      timer.cancel()
      timer.cancel()
      try Fiber.sleep(for: .seconds(2))
      #expect(calls == 0 && !timer.isSet)
    }
  }

  @Test func aHandleToATimerThatHasFiredDoesNotCancelTheNextOne() throws {
    try onVirtualHub {
      var calls = 0
      let first = Hub.current!.after(.seconds(1)) {}
      try Fiber.sleep(for: .seconds(2))
      // Its memory is used again.
      let second = Hub.current!.after(.seconds(1)) { calls += 1 }
      first.cancel()
      #expect(second.isSet)
      try Fiber.sleep(for: .seconds(2))
      #expect(calls == 1)
    }
  }

  @Test func aTimerMayCancelItselfAndSetOthers() throws {
    try onVirtualHub {
      var calls = 0
      var timer: HubTimer?
      timer = Hub.current!.after(.zero, repeating: .seconds(1)) {
        calls += 1
        if calls == 3 {
          timer?.cancel()
          Hub.current!.after(.seconds(1)) { calls += 10 }
        }
      }
      try Fiber.sleep(for: .seconds(60))
      #expect(calls == 13)
    }
  }

  @Test func aTimerMaySpawnAFiberThatWaits() throws {
    try onVirtualHub {
      var ends: [Duration] = []
      let timer = Hub.current!.spawn(after: .seconds(1), repeating: .seconds(2), name: "ticker") {
        #expect(Fiber.current?.name == "ticker")
        try Fiber.sleep(for: .seconds(3))
        ends.append(TestHub.elapsed!)
      }
      try Fiber.sleep(for: .seconds(6))
      timer.cancel()
      try Fiber.sleep(for: .seconds(60))
      #expect(ends == [.seconds(4), .seconds(6), .seconds(8)])
    }
  }

  @Test func aTimerWakesFibersOfARealHubToo() throws {
    try onHub {
      let event = Event()
      let elapsed = try seconds {
        Hub.current!.after(.milliseconds(20)) { event.set() }
        try event.wait()
      }
      #expect(elapsed >= 0.02 && elapsed < 30)
    }
  }

  @Test func aPeriodOfNothingDoesNotKeepTheHubToItself() throws {
    try onHub {
      var calls = 0
      let timer = Hub.current!.after(.zero, repeating: .zero) { calls += 1 }
      try Fiber.sleep(for: .milliseconds(10))
      timer.cancel()
      #expect(calls > 1)
    }
  }

  @Test func aHubEndsAlthoughTimersAreSetAndItsHandlesAreHarmless() throws {
    let (timer, hub) = try onHub {
      (Hub.current!.after(.seconds(60)) { Issue.record("called by a hub that has ended") }, Hub.current!)
    }
    #expect(!timer.isSet)
    timer.cancel()
    _ = hub
  }

  private final class Kept {
    private var touches = 0
    func touch() { touches += 1 }
  }
}

@Suite(.bounded) struct HubClockTests {
  @Test func itMeasuresAndSleepsInTheHubsTime() async throws {
    try onVirtualHub {
      let time = HubClock().measure { try? Fiber.sleep(for: .seconds(90)) }
      #expect(time == .seconds(90))
      #expect(HubClock().now == Deadline.now)
    }
    let before = HubClock().now
    try await Task.sleep(for: .milliseconds(10), clock: .hub)
    #expect(before.duration(to: .now) >= .milliseconds(10))
  }

  @Test func aCancelledTaskStopsSleeping() async {
    let sleeping = Task { try await HubClock().sleep(until: .after(.seconds(600))) }
    sleeping.cancel()
    await #expect(throws: CancellationError.self) { try await sleeping.value }
  }

  @Test func deadlinesAreInstants() {
    let deadline = Deadline(nanoseconds: 5)
    #expect(deadline.duration(to: Deadline(nanoseconds: 8)) == .nanoseconds(3))
    #expect(deadline.duration(to: .never) == .nanoseconds(Int64.max - 5))
    #expect(Deadline(nanoseconds: -5).duration(to: .never) == .nanoseconds(Int64.max))
  }

  @Test func aTimerThatNeverFiresMovesNoTime() throws {
    try onVirtualHub {
      let timer = Hub.current!.after(.seconds(Int64.max)) { Issue.record("it fired") }
      #expect(timer.isSet)
      try Fiber.sleep(for: .seconds(1))
      #expect(TestHub.elapsed == .seconds(1))
      timer.cancel()
      #expect(!timer.isSet)
    }
  }

  @Test func aRepeatedTimerMayHaveBeenDueBeforeTime() throws {
    try onHub {
      var calls = 0
      let timer = Hub.current!.after(.seconds(Int64.min), repeating: .zero) { calls += 1 }
      try Fiber.sleep(for: .milliseconds(20))
      timer.cancel()
      #expect(calls > 0)
    }
  }
}

import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct BarrierTests {
  @Test func roundAfterRoundAllMeetAndOneIsTheLast() throws {
    try onEverySchedule {
      let barrier = Barrier(4)
      var steps = [0, 0, 0, 0]
      var lasts: [UInt64] = []
      let fibers = (0..<4).map { index in
        Fiber.spawn {
          for round in 0..<5 as Range<UInt64> {
            steps[index] += 1
            let arrival = try barrier.wait()
            try #require(arrival.round == round)
            if arrival.isLast { lasts.append(round) }
            // Nobody is more than the next step ahead.
            try #require(steps.allSatisfy { $0 >= Int(round) + 1 && $0 <= Int(round) + 2 })
          }
        }
      }
      for fiber in fibers { try fiber.value }
      try #require(lasts == [0, 1, 2, 3, 4])
      try #require(barrier.arrived == 0)
    }
  }

  @Test func whoIsCancelledOrLateHasNotArrivedAndTheOthersGoOnWaiting() throws {
    try onHub {
      let barrier = Barrier(3)
      let patient = Fiber.spawn { try barrier.wait() }
      let cancelled = Fiber.spawn { try barrier.wait() }
      settle()
      #expect(barrier.arrived == 2)
      cancelled.cancel()
      #expect(throws: CancellationError.self) { try cancelled.value }
      #expect(throws: Errno.timedOut) { try barrier.wait(until: .after(.milliseconds(2))) }
      #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(2)) { try barrier.wait() } }
      #expect(barrier.arrived == 1 && !patient.isFinished)
      let second = Fiber.spawn { try barrier.wait() }
      settle()
      #expect(!patient.isFinished && !second.isFinished)
      let last = try barrier.wait()
      #expect(last.isLast)
      let others = try [patient.value, second.value]
      #expect(others.allSatisfy { !$0.isLast && $0.round == last.round })
    }
  }

  @Test func completedAndThenCancelledOneHasArrived() throws {
    try onHub {
      let barrier = Barrier(2)
      let first = Fiber.spawn { try barrier.wait() }
      settle()
      try barrier.wait()
      first.cancel()
      let arrival = try first.value
      #expect(!arrival.isLast && barrier.arrived == 0)
    }
  }

  @Test func whoLeavesIsNotWaitedForAnyMore() throws {
    try onHub {
      let barrier = Barrier(3)
      let waiters = (0..<2).map { _ in Fiber.spawn { try barrier.wait() } }
      settle()
      barrier.leave()
      for waiter in waiters {
        let arrival = try waiter.value
        #expect(arrival.round == 0 && !arrival.isLast)
      }
      #expect(barrier.parties == 2)
      let one = Fiber.spawn { try barrier.wait() }
      settle()
      let arrival = try barrier.wait()
      #expect(arrival.round == 1 && arrival.isLast)
      try one.join()
    }
  }

  @Test func onAHubsAndThreadsAtOnceEachRoundHasOneLast() throws {
    let barrier = Barrier(4), lasts = Mutex(0)
    let rounds = 300
    let party: () throws -> Void = {
      for _ in 0..<rounds { if try barrier.wait().isLast { lasts.withLock { $0 += 1 } } }
    }
    let hub: () throws -> Void = { try onHub(party) }
    try inParallel([party, party, hub, hub])
    #expect(lasts.withLock { $0 } == rounds)
  }

  @Test func whereSomeGiveUpAgainAndAgainNoRoundIsShort() throws {
    try onEverySchedule {
      let barrier = Barrier(3)
      var arrivals: [UInt64: Int] = [:]
      func party(_ patience: Duration) -> Fiber<Void> {
        Fiber.spawn {
          for _ in 0..<20 {
            if let arrival = try? barrier.wait(until: .after(patience)) { arrivals[arrival.round, default: 0] += 1 }
          }
        }
      }
      let fibers = [party(.microseconds(3)), party(.microseconds(5))] + (0..<3).map { _ in party(.milliseconds(1)) }
      for fiber in fibers { try fiber.value }
      try #require(arrivals.values.allSatisfy { $0 == 3 } && barrier.arrived == 0)
    }
  }
}

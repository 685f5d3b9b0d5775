import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {
  var attempt = 0
}

@Suite(.bounded) struct RetryTests {
  private let plain = RetryPolicy(attempts: 4, firstDelay: .milliseconds(100), jitter: .none)

  @Test func itTriesAgainAfterWaitsThatBecomeLonger() throws {
    try onVirtualHub {
      var times: [Double] = []
      let start = Deadline.now
      let result = try retry(plain) { attempt in
        times.append(Double(Deadline.now.nanoseconds - start.nanoseconds) * 1e-9)
        if attempt < 4 { throw Broken(attempt: attempt) }
        return attempt
      }
      #expect(result == 4)
      for (seen, right) in zip(times, [0, 0.1, 0.3, 0.7]) { #expect(abs(seen - right) < 0.001) }
    }
  }

  @Test func theLastErrorIsThrown() throws {
    try onVirtualHub {
      #expect(throws: Broken(attempt: 4)) { try retry(plain) { throw Broken(attempt: $0) } }
      #expect(throws: Broken(attempt: 1)) { try retry(.init(attempts: 1)) { throw Broken(attempt: $0) } }
      #expect(throws: Broken(attempt: 1)) { try retry(.init(attempts: -5)) { throw Broken(attempt: $0) } }
      #expect(throws: Broken(attempt: 2)) {
        try retry(plain, if: { ($0 as? Broken)?.attempt == 1 }) { throw Broken(attempt: $0) }
      }
    }
  }

  @Test func whereTheNextTryWouldComeTooLateTheErrorIsThrownAtOnce() throws {
    try onVirtualHub {
      let took = seconds {
        #expect(throws: Broken(attempt: 2)) {
          try retry(plain, until: .after(.milliseconds(250))) { throw Broken(attempt: $0) }
        }
        #expect(throws: Broken(attempt: 1)) {
          try withTimeout(.milliseconds(50)) { try retry(plain) { throw Broken(attempt: $0) } }
        }
      }
      #expect(took < 0.2)
    }
  }

  @Test func whoIsCancelledTriesNothingAgain() throws {
    try onVirtualHub {
      var tries = 0
      let fiber = Fiber.spawn {
        try retry(.init(attempts: 100, firstDelay: .seconds(10), jitter: .none)) { _ in
          tries += 1
          throw Broken()
        }
      }
      try Fiber.sleep(for: .seconds(15))
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(tries == 2)
      var others = 0
      #expect(throws: TimeoutError.self) {
        try retry(plain) { _ in
          others += 1
          try withTimeout(.milliseconds(1)) { try Event().wait() }
        }
      }
      #expect(others == 1)
    }
  }

  @Test func chanceChangesTheWaitsWithinTheirBounds() {
    let (full, half) = (RetryPolicy(jitter: .full), RetryPolicy(jitter: .half))
    for _ in 0..<200 {
      #expect((.zero ... .milliseconds(400)).contains(full.delay(after: 3)))
      #expect((.milliseconds(200) ... .milliseconds(400)).contains(half.delay(after: 3)))
    }
    #expect(Set((0..<50).map { _ in full.delay(after: 3) }).count > 10)
  }

  @Test func oddPoliciesWaitNeitherLessThanNothingNorForEver() {
    let longest = Duration.seconds(10)
    for attempt in [Int.min, -1, 0, 1, 64, 5000, .max] {
      for policy in [
        RetryPolicy(factor: .infinity, jitter: .none), RetryPolicy(factor: .nan, jitter: .none),
        RetryPolicy(factor: -3, jitter: .none), RetryPolicy(firstDelay: .seconds(-1), jitter: .none),
        RetryPolicy(firstDelay: .seconds(Int64.max), jitter: .none),
      ] {
        #expect((.zero...longest).contains(policy.delay(after: attempt)))
      }
      #expect(RetryPolicy(longestDelay: .seconds(-1), jitter: .none).delay(after: attempt) == .zero)
      #expect(
        RetryPolicy(factor: 1e300, longestDelay: .seconds(Int64.max), jitter: .none).delay(after: attempt) >= .zero)
    }
  }

  @Test func aBudgetBoundsWhatAllSpendOnTryingAgain() throws {
    try onVirtualHub {
      let budget = RetryBudget(share: 0.5, reserve: 3)
      #expect(budget.available == 3)
      var tries = 0
      let call = {
        _ = try? retry(RetryPolicy(attempts: 10, firstDelay: .milliseconds(1), budget: budget)) { _ in
          tries += 1
          throw Broken()
        }
      }
      call()
      #expect(tries == 4)
      for _ in 0..<10 { call() }
      // One try more for every two calls.
      #expect(tries == 4 + 10 + 5 && budget.available == 0)
      let none = RetryBudget(share: -1, reserve: .nan)
      #expect(none.available == 0)
    }
  }
}

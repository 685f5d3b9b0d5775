import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct ScopeTests {
  @Test func aTimeoutEndsTheWaitsInside() throws {
    try onEverySchedule {
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(5)) { try Fiber.sleep(for: .seconds(60)) }
      }
    }
  }

  @Test func whatIsDoneInTimeIsNotDisturbed() throws {
    try onEverySchedule {
      let value = try withTimeout(.seconds(60)) {
        try Fiber.sleep(for: .milliseconds(1))
        return 3
      }
      #expect(value == 3)
      try Fiber.sleep(for: .milliseconds(1))
    }
  }

  @Test func afterTheDeadlineEveryWaitInsideThrowsAndNoneOutside() throws {
    try onEverySchedule {
      var thrown = 0
      try withTimeout(.milliseconds(1)) {
        for _ in 0..<3 {
          do { try Fiber.sleep(for: .seconds(60)) } catch is TimeoutError { thrown += 1 }
        }
      }
      try Fiber.sleep(for: .milliseconds(1))
      #expect(thrown == 3)
    }
  }

  @Test func ofNestedScopesTheEarlierDeadlineCounts() throws {
    try onEverySchedule {
      let outer = Deadline.after(.milliseconds(5))
      do {
        try withDeadline(outer) { try withTimeout(.seconds(60)) { try Fiber.sleep(for: .seconds(60)) } }
      } catch let error as TimeoutError {
        #expect(error.deadline == outer)
      }
      try withTimeout(.seconds(60)) {
        #expect(throws: TimeoutError.self) {
          try withTimeout(.milliseconds(1)) { try Fiber.sleep(for: .seconds(60)) }
        }
        try Fiber.sleep(for: .milliseconds(1))
      }
    }
  }

  @Test func aCallsOwnEarlierDeadlineIsItsOwnError() throws {
    try onEverySchedule {
      try withTimeout(.seconds(60)) {
        let event = Event()
        #expect(throws: Errno.timedOut) { try event.wait(until: .after(.milliseconds(1))) }
      }
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(1)) { try Event().wait(until: .after(.seconds(60))) }
      }
    }
  }

  @Test func childrenInheritTheDeadline() throws {
    try onEverySchedule {
      let child = try withTimeout(.milliseconds(5)) {
        Fiber.spawn { try Fiber.spawn { try Fiber.sleep(for: .seconds(60)) }.value }
      }
      #expect(throws: TimeoutError.self) { try child.value }
    }
  }

  @Test func aShieldHoldsTheDeadlineBack() throws {
    try onEverySchedule {
      let value = try withTimeout(.milliseconds(1)) {
        try withShield {
          try Fiber.sleep(for: .milliseconds(10))
          return 1
        }
      }
      #expect(value == 1)
    }
  }

  @Test func aDeadlineInsideAShieldStillCounts() throws {
    try onEverySchedule {
      #expect(throws: TimeoutError.self) {
        try withShield { try withTimeout(.milliseconds(1)) { try Fiber.sleep(for: .seconds(60)) } }
      }
    }
  }

  @Test func aPassedDeadlineLetsOthersRunWhenAskedAgainAndAgain() throws {
    try onVirtualHub {
      var isOver = false
      let stubborn = Fiber.spawn {
        try withTimeout(.zero) { while !isOver { try? Fiber.sleep(for: .seconds(60)) } }
      }
      try Fiber.sleep(for: .milliseconds(5))
      isOver = true
      try stubborn.value
    }
  }
}

import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct HubTests {
  @Test func runReturnsWhenAllFibersHaveFinished() throws {
    var finished = 0
    try onVirtualHub {
      for _ in 0..<5 {
        Fiber.spawn {
          try Fiber.sleep(for: .milliseconds(5))
          finished += 1
        }
      }
    }
    #expect(finished == 5)
  }

  @Test func aThreadHasOneHub() throws {
    try onHub {
      #expect(throws: HubError.self) { try Hub.run {} }
      #expect(Hub.current != nil)
    }
    #expect(Hub.current == nil)
  }

  @Test func aTaskHasNoThreadForAHub() async {
    // The compiler sees to it where it sees the call.
    func run() -> (any Error)? {
      do {
        try Hub.run {}
        return nil
      } catch {
        return error
      }
    }
    let error = await Task.detached { run() }.value
    #expect("\(error.map { "\($0)" } ?? "none")".contains("HubThread"))
  }

  @Test func aThreadMayRunHubsOneAfterTheOther() throws {
    try onThread {
      for round in 0..<20 {
        let value = try Hub.run { try Fiber.spawn { round }.value }
        #expect(value == round)
      }
    }
  }

  @Test func hubsOfSeveralThreadsDoNotDisturbEachOther() throws {
    let total = try onHub {
      let other = Fiber.spawn {
        try onHub { try (0..<100).map { index in try Fiber.spawn { index }.value }.reduce(0, +) }
      }
      return try other.value
    }
    #expect(total == 4950)
  }

  @Test func stacksOfFinishedFibersAreUsedAgain() throws {
    try onHub {
      for _ in 0..<100_000 { try Fiber.spawn {}.value }
      #expect(Hub.current!.fiberCount == 1)
    }
  }
}

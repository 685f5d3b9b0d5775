import Green
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {
  var number = 0
}

@Suite(.bounded) struct FiberGroupTests {
  @Test func resultsComeInTheOrderInWhichTheFibersFinish() throws {
    try onEverySchedule {
      let order = try withFiberGroup(of: Int.self) { group in
        for time in [30, 10, 20] {
          try group.spawn {
            try Fiber.sleep(for: .seconds(time))
            return time
          }
        }
        return group.reduce(into: []) { $0.append($1) }
      }
      #expect(order == [10, 20, 30])
    }
  }

  @Test func childrenEndBeforeTheScopeDoes() throws {
    try onEverySchedule {
      var finished = 0
      try withFiberGroup(of: Void.self) { group in
        for _ in 0..<10 {
          try group.spawn {
            try Fiber.sleep(for: .milliseconds(2))
            finished += 1
          }
        }
      }
      #expect(finished == 10)
    }
  }

  @Test func theFirstErrorCancelsTheOthersAndIsThrown() throws {
    try onVirtualHub {
      var cancelled = 0
      #expect(throws: Broken(number: 1)) {
        try withFiberGroup(of: Void.self) { group in
          for _ in 0..<5 {
            try group.spawn {
              do { try Fiber.sleep(for: .seconds(60)) } catch is CancellationError { cancelled += 1 }
            }
          }
          try group.spawn { throw Broken(number: 1) }
        }
      }
      #expect(cancelled == 5)
    }
  }

  @Test func aChildsErrorIsThrownWhereTheBodyIsToldOfTheCancellation() throws {
    try onVirtualHub {
      #expect(throws: Broken(number: 2)) {
        try withFiberGroup(of: Void.self, limit: 1) { group in
          while true { try group.spawn { throw Broken(number: 2) } }
        }
      }
      #expect(throws: Broken(number: 3)) {
        try withFiberGroup(of: Void.self) { group in
          try group.spawn { throw Broken(number: 3) }
          while !group.isCancelled { Fiber.yield() }
          throw CancellationError()
        }
      }
    }
  }

  @Test func aDiscardingGroupKeepsNothingAndThrowsTheFirstError() throws {
    try onVirtualHub {
      var ended = 0
      try withDiscardingFiberGroup(limit: 5) { group in
        for _ in 0..<1000 { try group.spawn { ended += 1 } }
        #expect(group.next() == nil)
      }
      #expect(ended == 1000)
      #expect(throws: Broken(number: 4)) {
        try withDiscardingFiberGroup { group in
          try group.spawn { try Fiber.sleep(for: .seconds(60)) }
          try group.spawn { throw Broken(number: 4) }
        }
      }
    }
  }

  @Test func anErrorOfTheBodyCancelsTheChildren() throws {
    try onVirtualHub {
      var cancelled = 0
      #expect(throws: Broken()) {
        try withFiberGroup(of: Void.self) { group in
          try group.spawn {
            do { try Fiber.sleep(for: .seconds(60)) } catch is CancellationError { cancelled += 1 }
          }
          Fiber.yield()
          throw Broken()
        }
      }
      #expect(cancelled == 1)
    }
  }

  @Test func cancellingTheParentCancelsTheChildrenAndWaitsForThem() throws {
    try onVirtualHub {
      var cleanedUp = 0
      let parent = Fiber.spawn {
        try withFiberGroup(of: Void.self) { group in
          for _ in 0..<3 {
            try group.spawn {
              defer { cleanedUp += 1 }
              do {
                try Fiber.sleep(for: .seconds(60))
              } catch {
                try withShield { try Fiber.sleep(for: .milliseconds(2)) }
                throw error
              }
            }
          }
        }
      }
      Fiber.yield()
      Fiber.yield()
      parent.cancel()
      #expect(throws: CancellationError.self) { try parent.value }
      #expect(cleanedUp == 3)
    }
  }

  @Test func aLimitIsKept() throws {
    try onEverySchedule {
      var (running, most) = (0, 0)
      try withFiberGroup(of: Void.self, limit: 3) { group in
        for _ in 0..<20 {
          try group.spawn {
            running += 1
            most = max(most, running)
            try Fiber.sleep(for: .milliseconds(1))
            running -= 1
          }
        }
      }
      #expect(most == 3)
    }
  }

  @Test func anEmptyGroupIsFine() throws {
    let value = try onHub { try withFiberGroup(of: Int.self) { group in group.next() } }
    #expect(value == nil)
  }

  @Test func outsideAFiberItSaysSo() throws {
    #expect(throws: HubError.self) { try withFiberGroup(of: Int.self) { _ in } }
  }
}

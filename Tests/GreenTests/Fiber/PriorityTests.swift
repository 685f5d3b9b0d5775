import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct PriorityTests {
  @Test func theBackgroundRunsWhenNothingElseIsReady() throws {
    let order = try onHub {
      var order = ""
      let fibers: [AnyFiber] = [
        Fiber.spawn(priority: .background) { order += "b" },
        Fiber.spawn {
          order += "1"
          Fiber.yield()
          order += "2"
        },
      ]
      for fiber in fibers { try fiber.join() }
      return order
    }
    #expect(order == "12b")
  }

  @Test func theBackgroundIsNotStarved() throws {
    try onHub {
      var hasRun = false
      let busy = Fiber.spawn { while !hasRun { Fiber.yield() } }
      let background = Fiber.spawn(priority: .background) { hasRun = true }
      try busy.value
      try background.value
    }
  }

  @Test func aFiberThatNeverHasToWaitLetsOthersRun() throws {
    try onHub {
      let permits = Semaphore(1)
      var isOver = false
      let greedy = Fiber.spawn {
        while !isOver {
          try permits.wait()
          permits.signal()
        }
      }
      try Fiber.sleep(for: .milliseconds(1))
      isOver = true
      try greedy.value
    }
  }
}

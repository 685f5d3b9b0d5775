import Green
import SuiteSupport
import TestSupport
import Testing

private enum Request {
  static let id = FiberLocal("none")
  static let depth = FiberLocal(0)
}

@Suite(.bounded) struct FiberLocalTests {
  @Test func eachFiberHasItsOwn() throws {
    try onEverySchedule {
      let fibers = (0..<10).map { index in
        Fiber.spawn {
          Request.id.withValue("r\(index)") {
            for _ in 0..<5 {
              Fiber.yield()
              #expect(Request.id.value == "r\(index)")
            }
          }
          #expect(Request.id.value == "none")
        }
      }
      for fiber in fibers { try fiber.value }
    }
  }

  @Test func spawnedFibersInheritAndKeepWhatWasBound() throws {
    try onEverySchedule {
      let child = Request.id.withValue("parent") {
        Request.depth.withValue(1) {
          Fiber.spawn {
            Fiber.yield()
            return Fiber.spawn { "\(Request.id.value) \(Request.depth.value)" }
          }
        }
      }
      #expect(Request.id.value == "none")
      let text = try child.value.value
      #expect(text == "parent 1")
    }
  }

  @Test func theInnerValueCountsInside() throws {
    try onHub {
      Request.depth.withValue(1) {
        Request.depth.withValue(2) { #expect(Request.depth.value == 2) }
        #expect(Request.depth.value == 1)
      }
    }
  }

  @Test func onAPlainThreadTheValueBelongsToTheThread() throws {
    try onThread {
      Request.id.withValue("thread") { #expect(Request.id.value == "thread") }
      #expect(Request.id.value == "none")
    }
  }

  /// Of another type, at the address of one that is gone: a fiber keeps what was bound around it.
  @Test func aLocalThatIsGoneLeavesNothingToTheNext() throws {
    try onHub {
      for number in 0..<100 {
        let done = Event()
        let fiber = FiberLocal(0).withValue(number + 1) {
          Fiber.spawn { () -> [String] in
            try done.wait()
            return (0..<20).map { _ in FiberLocal("none").value }
          }
        }
        done.set()
        let found = try fiber.value
        #expect(found.allSatisfy { $0 == "none" })
      }
    }
  }

  /// The value's deinit is not in the binding that goes.
  @Test func aValueThatGoesIsBoundNoMore() throws {
    final class Value: Sendable {
      let atEnd: @Sendable () -> Void
      init(_ atEnd: @escaping @Sendable () -> Void) { self.atEnd = atEnd }
      deinit { atEnd() }
    }
    try onHub {
      let local = FiberLocal<Value?>(nil)
      let ended = Event()
      local.withValue(
        Value {
          #expect(local.value == nil)
          Fiber.spawn { if local.value == nil { ended.set() } }
        }
      ) {}
      try ended.wait(until: .after(.seconds(20)))
    }
  }
}

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
}

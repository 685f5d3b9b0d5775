import Green
import SuiteSupport
import TestSupport
import Testing

private final class Value: @unchecked Sendable {}

/// What lives long keeps nothing of those who came and went.
@Suite(.bounded) struct KeptForEverTests {
  @Test func aLongLivedFiberForgetsThePoolsThatLetItGo() throws {
    try onVirtualHub {
      let fiber = Fiber.spawn { try Fiber.sleep(for: .seconds(1)) }
      weak var pool: FiberPool?
      do {
        let one = FiberPool()
        pool = one
        try one.add(fiber)
        one.discard(fiber)
      }
      #expect(pool == nil)
      for _ in 0..<5000 { _ = Fiber.asFinished([fiber]) }
      let finished = Array(Fiber.asFinished([fiber]))
      #expect(finished.count == 1 && finished.first === fiber)
    }
  }

  @Test func aShadowedLocalIsNotKeptAlongAChainOfSpawns() throws {
    try onVirtualHub {
      let local = FiberLocal<Value?>(nil)
      let other = FiberLocal(0)
      weak var first: Value?
      func next(_ number: Int) {
        local.withValue(Value()) {
          other.withValue(number) {
            if number == 0 { first = local.value }
            #expect(local.value != nil && other.value == number)
            if number < 100 { Fiber.spawn { next(number + 1) } } else { #expect(first == nil) }
          }
        }
      }
      try Fiber.spawn { next(0) }.value
      try Fiber.sleep(for: .seconds(1))
      #expect(first == nil && local.value == nil)
    }
  }

  @Test func theOuterValueIsBackAfterTheInner() {
    let local = FiberLocal(1)
    let other = FiberLocal(10)
    local.withValue(2) {
      other.withValue(20) {
        local.withValue(3) { #expect(local.value == 3 && other.value == 20) }
        #expect(local.value == 2 && other.value == 20)
      }
    }
    #expect(local.value == 1 && other.value == 10)
  }
}

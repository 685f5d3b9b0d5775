import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

/// Uses some 200 bytes of stack and more for each level.
@inline(never)
private func descend(_ levels: Int) -> Int {
  withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { bytes in
    bytes[0] = UInt8(truncatingIfNeeded: levels)
    return levels == 0 ? 0 : 1 + descend(levels - 1) + Int(bytes[0]) - Int(UInt8(truncatingIfNeeded: levels))
  }
}

@inline(never)
private func descendAndLook(_ levels: Int) -> Int {
  levels == 0 ? FiberBacktrace.current.addresses.count : max(descendAndLook(levels - 1), levels)
}

@Suite(.bounded) struct BigStackTests {
  @Test func deepCodeRunsOnABigStackAsTheSameFiber() throws {
    try onHub(stackSize: 64 * 1024) {
      let fiber = Fiber.current
      let local = FiberLocal(1)
      let depth = try local.withValue(7) {
        try Fiber.onBigStack {
          #expect(Fiber.current === fiber && local.value == 7)
          return descend(4000)
        }
      }
      #expect(depth == 4000)
    }
  }

  @Test func aCallOnABigStackMayParkBesideOthers() throws {
    let sum = try onHub {
      let fibers = (1...20).map { number in
        Fiber.spawn {
          try Fiber.onBigStack {
            let deep = descend(1000)
            try Fiber.sleep(for: .milliseconds(number % 3))
            return deep + descend(number)
          }
        }
      }
      return try fibers.reduce(0) { try $0 + $1.value }
    }
    #expect(sum == 20 * 1000 + 210)
  }

  @Test func aFiberThatIsAThreadGoesDeepAndParks() throws {
    let sum = try onHub {
      let fibers = (1...20).map { number in
        Fiber.spawn(isolation: .thread) {
          let thread = pthread_self()
          return try Fiber.onBigStack {
            let deep = descend(3000)
            errno = CInt(number)
            try Fiber.sleep(for: .milliseconds(number % 3))
            #expect(errno == CInt(number) && pthread_self() == thread)
            return deep + descend(number)
          }
        }
      }
      return try fibers.reduce(0) { try $0 + $1.value }
    }
    #expect(sum == 20 * 3000 + 210)
  }

  @Test func aBacktraceThereEndsAtItsFirstCall() throws {
    let counts = try onHub {
      let fiber = Fiber.spawn { try Fiber.onBigStack { [FiberBacktrace.current.allFrames.count, descendAndLook(10)] } }
      return try fiber.value
    }
    #expect((1..<40).contains(counts[0]) && (11..<60).contains(counts[1]))
  }

  @Test func whatTheBodyThrowsIsThrown() throws {
    struct Own: Error {}
    _ = try onHub { #expect(throws: Own.self) { try Fiber.onBigStack { throw Own() } } }
    #expect(try Fiber.onBigStack { 3 } == 3)
    #expect(throws: HubError.self) { try Fiber.onBigStack(bytes: 1 << 60) {} }
    #expect(throws: HubError.self) { try Fiber.onBigStack(bytes: 100) {} }
  }

  @Test func aHubWithTooSmallStacksIsRefused() throws {
    for size in [4096, 0, -1, Int.min, Hub.leastStackSize - 1] {
      #expect(throws: HubError.self) { try onHub(stackSize: size) {} }
    }
    #expect(try onHub(stackSize: Hub.leastStackSize) { try Fiber.spawn { 1 }.value } == 1)
  }
}

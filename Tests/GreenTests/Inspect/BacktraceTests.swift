import CFiber
import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

@inline(never)
private func waitInside(_ event: Event) throws {
  try event.wait()
}

@inline(never)
private func waitOutside(_ event: Event) throws {
  try waitInside(event)
  Fiber.yield()
}

/// Calls back through C code, which has no frame pointers.
private final class Sorting {
  nonisolated(unsafe) static var compare: () -> Void = {}
}

@inline(never)
private func waitInsideSort(_ event: Event) {
  Sorting.compare = { try? event.wait() }
  var numbers: [CInt] = [2, 1]
  qsort(
    &numbers, 2, MemoryLayout<CInt>.size,
    { _, _ in
      Sorting.compare()
      return 0
    })
}

@Suite(.bounded) struct BacktraceTests {
  private func backtrace(_ body: @escaping (Event) throws -> Void) throws -> [FiberBacktrace.Frame] {
    try onHub {
      let event = Event()
      let fiber = Fiber.spawn { try body(event) }
      Fiber.yield()
      let backtrace = try #require(Hub.current!.dump().fiber(fiber.id)?.backtrace)
      event.set()
      try fiber.value
      return Array(backtrace.frames)
    }
  }

  private func index(of function: String, in frames: [FiberBacktrace.Frame]) throws -> Int {
    try #require(frames.firstIndex { $0.function?.contains(function) == true }, "\(frames)")
  }

  @Test func aParkedFiberShowsItsCallsInOrder() throws {
    let frames = try backtrace(waitOutside)
    let wait = try index(of: "Event.wait", in: frames)
    let inside = try index(of: "waitInside", in: frames)
    let outside = try index(of: "waitOutside", in: frames)
    #expect(wait < inside && inside < outside, "\(frames)")
    #expect(frames.allSatisfy { $0.function?.contains("cfiber_switch") != true }, "\(frames)")
  }

  @Test(.disabled(if: String(cString: cfiber_switch_name()) == "ucontext", "there frame pointers alone lead the way"))
  func callsThroughLibrariesWithoutFramePointersAreAllThere() throws {
    let frames = try backtrace { waitInsideSort($0) }
    let wait = try index(of: "Event.wait", in: frames)
    let sort = try index(of: "qsort", in: frames)
    let caller = try #require(frames.firstIndex { $0.function?.hasPrefix("waitInsideSort") == true }, "\(frames)")
    #expect(wait < sort && sort < caller, "\(frames)")
  }

  @Test func framesTellTheSourceFileAndLine() throws {
    let frames = try backtrace(waitOutside)
    let frame = frames[try index(of: "waitOutside", in: frames)]
    #expect(frame.file?.hasSuffix("GreenTests/Inspect/BacktraceTests.swift") == true, "\(frame)")
    #expect(frame.line == 15, "\(frame)")
  }

  @Test func aFiberThatHasNotBegunHasABacktraceToo() throws {
    try onHub {
      let fiber = Fiber.spawn {}
      let backtrace = try #require(Hub.current!.dump().fiber(fiber.id)?.backtrace)
      #expect(backtrace.addresses.count <= 2)
      try fiber.value
    }
  }

  @Test func theRunningCodeHasOne() throws {
    let frames = try onHub { Array(FiberBacktrace.current.frames) }
    #expect(frames.contains { $0.file?.hasSuffix("BacktraceTests.swift") == true }, "\(frames)")
    #expect(FiberBacktrace.current.addresses.isEmpty)
  }

  @Test func aDeepBacktraceIsCut() throws {
    func descend(_ depth: Int, _ event: Event) throws {
      if depth == 0 { try event.wait() } else { try descend(depth - 1, event) }
      Fiber.yield()
    }
    let frames = try backtrace { try descend(300, $0) }
    #expect(frames.count > 50 && frames.count <= 128)
  }
}

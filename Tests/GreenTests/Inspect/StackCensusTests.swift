import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

/// Words on the stack at each level, beside the frames.
private let wordsEach = 100
/// The least and the most that a level takes. AddressSanitizer keeps the words elsewhere.
private let leastEach = Sanitizer.current == nil ? wordsEach * 8 : 64
private let mostEach = wordsEach * 8 * 4

@inline(never)
private func descend(_ levels: Int) -> Int {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: wordsEach) { memory in
    memory.initialize(repeating: levels + 1)
    let below = levels > 1 ? descend(levels - 1) : 0
    return below + memory[levels % wordsEach]
  }
}

/// How deep the fibers went that `spawn` spawns, all at one place.
private func depth(_ spawn: () throws -> Void) throws -> StackCensus.Site {
  Hub.current!.takesStackCensus = false
  Hub.current!.takesStackCensus = true
  try spawn()
  Fiber.yield()
  return try #require(Hub.current!.stackCensus.sites.first)
}

@Suite(.bounded) struct StackCensusTests {
  @Test func itTellsHowDeepTheFibersOfEachPlaceWent() throws {
    try onHub {
      let hub = Hub.current!
      hub.takesStackCensus = true
      let deepLine = #line + 1
      for levels in [20, 40] { _ = try Fiber.spawn { descend(levels) }.value }
      let shallowLine = #line + 1
      for _ in 0..<3 { try Fiber.spawn {}.value }
      Fiber.yield()
      let census = hub.stackCensus
      let deep = try #require(census.site("GreenTests/StackCensusTests.swift:\(deepLine)"))
      let shallow = try #require(census.site("GreenTests/StackCensusTests.swift:\(shallowLine)"))
      #expect(deep.fibers == 2 && (40 * leastEach..<40 * mostEach).contains(deep.deepest), "\(census)")
      #expect(deep.mean > deep.deepest / 2 && deep.mean < deep.deepest, "\(census)")
      #expect(shallow.fibers == 3 && shallow.deepest < 16 * 1024 && shallow.mean <= shallow.deepest, "\(census)")
      #expect(census.sites.first?.site == deep.site && census.sites.count == 2, "\(census)")
      #expect(census.stackSize == Hub.defaultStackSize)
      let lines = "\(census)".split(separator: "\n")
      #expect(lines.count == 4 && lines[0].contains("stacks of 512 KB"), "\(census)")
      #expect(lines[2].hasSuffix("2  \(deep.site)") && lines[2].contains(" \(deep.deepest) "), "\(census)")
    }
  }

  @Test func depthsAreExactAndNothingOfTheStacksFormerUserIsCounted() throws {
    try onHub {
      // What is made lazily is made here, the deepest first.
      _ = try Fiber.spawn { descend(50) }.value
      let depths = try [50, 30, 20, 10].map { levels in try depth { _ = try Fiber.spawn { descend(levels) }.value } }
        .map(\.deepest)
      #expect(depths[1] - depths[2] == depths[2] - depths[3], "\(depths)")
      #expect(depths[0] - depths[1] == 2 * (depths[1] - depths[2]), "\(depths)")
      let each = (depths[2] - depths[3]) / 10
      #expect((leastEach..<mostEach).contains(each), "\(depths)")
      // One after the other on the same stack.
      let both = try depth { for levels in [50, 10] { _ = try Fiber.spawn { descend(levels) }.value } }
      #expect(both.deepest == depths[0] && both.mean == (depths[0] + depths[3]) / 2, "\(depths) \(both)")
    }
  }

  @Test func fibersThatWereThereBeforeAreNotCounted() throws {
    try onHub {
      let hub = Hub.current!
      #expect(!hub.takesStackCensus && hub.stackCensus.sites.isEmpty)
      let before = Fiber.spawn { descend(30) }
      hub.takesStackCensus = true
      _ = try before.value
      Fiber.yield()
      #expect(hub.stackCensus.sites.isEmpty, "\(hub.stackCensus)")
      // Its stack is clean by now.
      let small = try depth { try Fiber.spawn {}.value }
      #expect(small.deepest < 16 * 1024 && small.fibers == 1, "\(small)")
      hub.takesStackCensus = false
      try Fiber.spawn {}.value
      #expect(hub.stackCensus.sites.isEmpty)
    }
  }

  @Test func whatAParkedFiberUsesIsCountedToo() throws {
    try onHub {
      let waiting = try depth {
        let event = Event()
        let fibers = (0..<100).map { index in
          Fiber.spawn { () throws -> Int in
            let sum = descend(index % 2 == 0 ? 30 : 1)
            try event.wait()
            return sum
          }
        }
        Fiber.yield()
        event.set()
        for fiber in fibers { _ = try fiber.value }
      }
      #expect(waiting.fibers == 100 && waiting.deepest >= 30 * leastEach, "\(waiting)")
      #expect(waiting.mean < waiting.deepest, "\(waiting)")
    }
  }
}

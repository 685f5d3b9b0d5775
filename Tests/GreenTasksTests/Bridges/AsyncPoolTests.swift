import Green
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

/// A connection to nothing.
private final class Line: PooledConnection {
  let number: Int
  init(_ number: Int) { self.number = number }
  func isUsable() -> Bool { true }
  func close() {}
}

private struct Refused: Error, Equatable {}

@Suite(.bounded) struct AsyncPoolTests {
  @Test func anAsyncFunctionMayMakeConnections() throws {
    let calls = Calls()
    let pool = Pool(limit: 2) { () async throws -> Line in
      try await Task.sleep(for: .milliseconds(1))
      calls.add("made")
      return Line(calls.all.count)
    }
    try onHub {
      try pool.withConnection { line in
        expectSame(line.number, 1)
        let other = Fiber.spawn { try pool.withConnection { $0.number } }
        expectSame(try other.value, 2)
      }
    }
    let again = try onThread { try pool.withConnection { $0.number } }
    #expect(again <= 2 && calls.all == ["made", "made"] && pool.statistics.open == 2)
  }

  @Test func whatItThrowsTheCallerGets() throws {
    let pool = Pool(limit: 1) { () async throws -> Line in
      await Task.yield()
      throw Refused()
    }
    try onHub {
      for _ in 0..<2 { #expect(throws: Refused()) { try pool.withConnection { _ in } } }
    }
    #expect(pool.statistics.open == 0)
  }
}

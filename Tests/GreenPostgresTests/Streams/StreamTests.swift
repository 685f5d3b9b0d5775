import DataServers
import Green
import GreenPostgres
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

private struct Line: Decodable {
  var number: Int
  var text: String
}

@Suite(.bounded) struct StreamTests {
  @Test func rowsComeOneByOne() throws {
    try withDatabase(connections: 1) { db in
      var lines: [Line] = []
      let count = try db.stream(
        "select n as number, 'line ' || n as text from generate_series(1, \(1000)) n", as: Line.self
      ) { lines.append($0) }
      #expect(count == 1000 && lines.map(\.number) == Array(1...1000) && lines.last?.text == "line 1000")
      // What has a single column, what has no row, and what is no query.
      var numbers: [Int] = []
      try db.stream("select 7", as: Int.self) { numbers.append($0) }
      try #expect(db.stream("select 1 where false", as: Int.self) { numbers.append($0) } == 0)
      try #expect(db.stream("create table t (a int)", as: Int.self) { numbers.append($0) } == 0)
      #expect(numbers == [7] && db.pool.statistics.open == 1)
    }
  }

  /// Back-pressure: a gigabyte is asked for, and the reader stops after a few rows. The server then waits, with what
  /// the sockets do not hold: it is not read into memory.
  @Test func theServerWaitsForTheReader() throws {
    try withDatabase(connections: 2) { db in
      var seen = 0
      #expect(throws: Broken()) {
        try db.stream("select repeat('x', 10000) from generate_series(1, 100000)", as: String.self) { _ in
          seen += 1
          guard seen == 20 else { return }
          while try !isServerWaiting(db) { try Fiber.sleep(for: .milliseconds(10)) }
          throw Broken()
        }
      }
      try #expect(db.value("select 1", as: Int.self) == 1)
    }
  }

  private func isServerWaiting(_ db: Postgres) throws -> Bool {
    try db.value(
      "select count(*) > 0 from pg_stat_activity where wait_event = 'ClientWrite' and query like 'select repeat%'",
      as: Bool.self) ?? false
  }

  @Test func muchComesWhole() throws {
    try withDatabase(connections: 1) { db in
      var bytes = 0
      let count = try db.stream("select repeat('x', 1000) from generate_series(1, 50000)", as: String.self) {
        bytes += $0.utf8.count
      }
      #expect(count == 50_000 && bytes == 50_000_000)
    }
  }

  @Test func whatIsThrownEndsItAndTheConnectionGoesOn() throws {
    try withDatabase(connections: 1) { db in
      #expect(throws: Broken()) {
        try db.stream("select generate_series(1, 1000000)", as: Int.self) { _ in throw Broken() }
      }
      var seen = 0
      #expect(throws: PostgresError.self) {
        try db.stream("select 1 / (5 - n) from generate_series(1, 9) n", as: Int.self) { _ in seen += 1 }
      }
      #expect(seen == 4)
      #expect(throws: PostgresError.self) { try db.stream("select no_such", as: Int.self) { _ in } }
      #expect(throws: PostgresDecodingError.self) { try db.stream("select 'x'", as: Int.self) { _ in } }
      #expect(throws: PostgresUsageError.self) { try db.stream("copy (select 1) to stdout", as: Int.self) { _ in } }
      #expect(throws: PostgresUsageError.nul) { try db.stream("select \("\0")", as: String.self) { _ in } }
      try #expect(db.value("select 1", as: Int.self) == 1 && db.pool.statistics.open == 1)
    }
  }

  @Test func nothingElseIsDoneMeanwhile() throws {
    try withDatabase(connections: 1) { db in
      try db.withConnection { connection in
        try connection.stream("select generate_series(1, 3)", as: Int.self) { _ in
          #expect(throws: PostgresUsageError.copying) { try connection.execute("select 1") }
        }
        try connection.transaction { inside in
          try inside.stream("select 1", as: Int.self) { _ in }
        }
      }
    }
  }

  @Test func cancellingEndsIt() throws {
    try withDatabase(connections: 1) { db in
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(100)) { try db.stream("select pg_sleep(60)::text", as: String.self) { _ in } }
      }
      try #expect(db.value("select 1", as: Int.self) == 1 && db.pool.statistics.open == 1)
    }
  }

  @Test func aTaskThatIsCancelledIsHandedNothingMore() async throws {
    @Sendable func cancelCallingTask() { withUnsafeCurrentTask { $0?.cancel() } }
    try await aside {
      try withDatabase(connections: 1) { db in
        try Fiber.await {
          // How much is handed over before the error that is expected.
          let streaming = Task {
            var count = 0
            do {
              try await db.stream("select generate_series(1, 100000)", as: Int.self) { _ in
                count += 1
                cancelCallingTask()
                await Task.yield()
              }
            } catch is CancellationError {
              return count
            }
            return -1
          }
          let rows = try await streaming.value
          #expect(rows == 1)
          let copying = Task {
            var count = 0
            do {
              try await db.copyOut("copy (select generate_series(1, 100000)) to stdout") { _ in
                count += 1
                cancelCallingTask()
                await Task.yield()
              }
            } catch is CancellationError {
              return count
            }
            return -1
          }
          let pieces = try await copying.value
          #expect(pieces == 1)
        }
        try #expect(db.value("select 1", as: Int.self) == 1 && db.pool.statistics.open == 1)
      }
    }
  }

  @Test func anActorThatWaitsForARowIsFree() async throws {
    actor Reader {
      var isAsked = false

      func read(_ db: Postgres) async throws {
        try await db.stream("select pg_sleep(120)::text", as: String.self) { _ in await Task.yield() }
      }

      func ask() { isAsked = true }
    }
    try await aside {
      try withDatabase(connections: 2) { db in
        try Fiber.await {
          let reader = Reader()
          let reading = Task { try await reader.read(db) }
          while try active("pg_sleep(120)", db) == 0 { try await Task.sleep(for: .milliseconds(5)) }
          await reader.ask()
          // It has not come to its end.
          reading.cancel()
          await #expect(throws: CancellationError.self) { try await reading.value }
        }
      }
    }
  }

  @Test func asyncBodiesAreTheSame() async throws {
    let server = try PostgresServer.shared.get()
    let db = try Postgres(server.address, connections: 1)
    defer { db.close() }
    var sum = 0
    try await db.stream("select generate_series(1, 100)", as: Int.self) { number in
      await Task.yield()
      sum += number
    }
    #expect(sum == 5050)
  }
}

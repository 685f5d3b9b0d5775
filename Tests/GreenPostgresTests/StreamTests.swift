import DataServers
import Glibc
import Green
import GreenPostgres
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
      #expect(try db.stream("select 1 where false", as: Int.self) { numbers.append($0) } == 0)
      #expect(try db.stream("create table t (a int)", as: Int.self) { numbers.append($0) } == 0)
      #expect(numbers == [7] && db.pool.statistics.open == 1)
    }
  }

  /// Back-pressure: a gigabyte is asked for, and the reader stops after a few rows. The server has then sent what the sockets hold.
  @Test func theServerWaitsForTheReader() throws {
    try withDatabase(connections: 2) { db in
      let before = residentBytes()
      var seen = 0
      #expect(throws: Broken()) {
        try db.stream("select repeat('x', 10000) from generate_series(1, 100000)", as: String.self) { _ in
          seen += 1
          guard seen == 20 else { return }
          try Fiber.sleep(for: .milliseconds(200))
          let waits = try db.value(
            "select count(*) from pg_stat_activity where wait_event = 'ClientWrite' and query like 'select repeat%'",
            as: Int.self)
          #expect(waits == 1)
          throw Broken()
        }
      }
      #expect(residentBytes() - before < 64 << 20)
      #expect(try db.value("select 1", as: Int.self) == 1)
    }
  }

  @Test func muchIsNeverInMemoryAsAWhole() throws {
    try withDatabase(connections: 1) { db in
      let before = residentBytes()
      var bytes = 0
      try db.stream("select repeat('x', 1000) from generate_series(1, 200000)", as: String.self) {
        bytes += $0.utf8.count
      }
      #expect(bytes == 200_000_000 && residentBytes() - before < 64 << 20)
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
      #expect(try db.value("select 1", as: Int.self) == 1 && db.pool.statistics.open == 1)
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
      #expect(try db.value("select 1", as: Int.self) == 1 && db.pool.statistics.open == 1)
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

/// Memory of this process that is in RAM: proc(5)'s `statm`.
private func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var text = [CChar](repeating: 0, count: 256)
  guard fgets(&text, 256, file) != nil else { return 0 }
  let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
    separator: " ")
  return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4096
}

import DataServers
import Green
import GreenPostgres
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct CopyTests {
  private func withTable(_ body: @escaping (Postgres) throws -> Void) throws {
    try withDatabase(connections: 2) { db in
      try db.execute("create table t (a bigint, b text, c bytea)")
      try body(db)
    }
  }

  @Test func rowsGoInAndComeOut() throws {
    try withTable { db in
      let texts = ["", "a\tb\nc\\d\r", "ä€🙂", "\\N", "\\."]
      var count = try db.copyIn("copy t from stdin") { copy in
        for (number, text) in texts.enumerated() { try copy.row(number, text, [UInt8](0...255)) }
        try copy.row(nil as Int?, nil as String?, nil as [UInt8]?)
      }
      #expect(count == 6)
      let rows = try db.rows(
        "select a, b, c from t where a is not null order by a", Int.self, String.self, [UInt8].self)
      #expect(rows.map(\.1) == texts && rows.allSatisfy { $0.2 == [UInt8](0...255) })
      var bytes: [UInt8] = []
      count = try db.copyOut("copy (select a, b from t order by a nulls last limit 2) to stdout (format csv)") {
        bytes += $0
      }
      #expect(count == 2 && String(decoding: bytes, as: UTF8.self) == "0,\"\"\n1,\"a\tb\nc\\d\r\"\n")
    }
  }

  @Test func asyncBodiesAreTheSame() async throws {
    try await aside {
      try withTable { db in
        try Fiber.await {
          let written = try await db.withConnection { connection in
            try await connection.copyIn("copy t (a) from stdin") { copy in
              await Task.yield()
              for number in 0..<1000 { try copy.row(number) }
            }
          }
          var rows = 0
          let read = try await db.withConnection { connection in
            try await connection.copyOut("copy t (a) to stdout") { _ in
              await Task.yield()
              rows += 1
            }
          }
          #expect(written == 1000 && read == 1000 && rows == 1000)
        }
      }
    }
  }

  @Test func anEmptyFirstFieldIsAField() throws {
    try withTable { db in
      try db.execute("create table texts (a text, b text, c text)")
      try db.copyIn("copy texts from stdin") { copy in
        try copy.row("", "x", "")
        try copy.row("", "", "")
      }
      let rows = try db.rows("select a, b, c from texts order by b", String.self, String.self, String.self)
      #expect(rows.map(\.0) == ["", ""] && rows.map(\.1) == ["", "x"] && rows.map(\.2) == ["", ""])
    }
  }

  @Test func muchIsNeverInMemoryAsAWhole() throws {
    try withTable { db in
      let line = [UInt8]((String(repeating: "x", count: 1000)).utf8)
      try db.copyIn("copy t (b) from stdin") { copy in
        for _ in 0..<50_000 { try copy.write(line + [10]) }
      }
      var (count, most) = (0, 0)
      try db.copyOut("copy t (b) to stdout") { piece in
        count += piece.count
        most = max(most, piece.count)
      }
      #expect(count == 50_000 * 1001 && most < 100_000)
    }
  }

  @Test func asyncBodiesOnAConnectionOfThePoolAreTheSame() async throws {
    let server = try PostgresServer.shared.get()
    let db = try Postgres(server.address, connections: 1)
    defer { db.close() }
    let table = "copied_\(UInt64.random(in: .min ... .max))"
    try db.execute("create table \(identifier: table) (a int)")
    defer { _ = try? db.execute("drop table \(identifier: table)") }
    let written = try await db.copyIn("copy \(identifier: table) from stdin") { copy in
      for number in 1...100 {
        await Task.yield()
        try copy.row(number)
      }
    }
    var sum = 0
    let read = try await db.copyOut("copy \(identifier: table) to stdout") { row in
      await Task.yield()
      sum += Int(String(decoding: row, as: UTF8.self).dropLast()) ?? 0
    }
    #expect(written == 100 && read == 100 && sum == 5050)
  }

  @Test func whatIsThrownEndsItAndTheConnectionGoesOn() throws {
    try withDatabase(connections: 1) { db in
      try db.execute("create table t (a int)")
      #expect(throws: Broken()) {
        try db.copyIn("copy t from stdin") { copy in
          try copy.row(1)
          throw Broken()
        }
      }
      #expect(throws: Broken()) {
        try db.copyOut("copy (select generate_series(1, 1000000)) to stdout") { _ in throw Broken() }
      }
      #expect(throws: PostgresError.self) { try db.copyIn("copy t from stdin") { try $0.row("x") } }
      #expect(throws: PostgresError.self) { try db.copyIn("copy no_such from stdin") { try $0.row("x") } }
      #expect(throws: PostgresError.self) {
        try db.copyOut("copy (select 1 / (5 - generate_series(1, 9))) to stdout") { _ in }
      }
      #expect(throws: PostgresUsageError.self) { try db.copyIn("copy t to stdout") { _ in } }
      #expect(throws: PostgresUsageError.self) { try db.copyOut("copy t from stdin") { _ in } }
      #expect(throws: PostgresUsageError.self) { try db.copyOut("select 1") { _ in } }
      #expect(throws: PostgresUsageError.self) { try db.execute("copy t from stdin") }
      #expect(throws: PostgresUsageError.self) { try db.execute("copy t to stdout") }
      #expect(throws: PostgresUsageError.copyWithValues) { try db.copyOut("copy (select \(1)) to stdout") { _ in } }
      let count = try db.value("select count(*) from t", as: Int.self)
      #expect(count == 0 && db.pool.statistics.open == 1)
    }
  }

  @Test func nothingElseIsDoneMeanwhile() throws {
    try withDatabase(connections: 1) { db in
      try db.withConnection { connection in
        try connection.copyOut("copy (select generate_series(1, 3)) to stdout") { _ in
          #expect(throws: PostgresUsageError.copying) { try connection.execute("select 1") }
        }
        try connection.execute("select 1")
      }
    }
  }

  @Test func cancellingEndsIt() throws {
    try withDatabase(connections: 1) { db in
      try db.execute("create table t (a int)")
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(100)) { try db.copyOut("copy (select pg_sleep(60)) to stdout") { _ in } }
      }
      #expect(throws: TimeoutError.self) {
        try withTimeout(.milliseconds(100)) {
          try db.copyIn("copy t from stdin") { copy in
            try copy.row(1)
            try Fiber.sleep(for: .seconds(60))
          }
        }
      }
      let count = try db.value("select count(*) from t", as: Int.self)
      #expect(count == 0 && db.pool.statistics.open == 1)
    }
  }
}

import DataServers
import Foundation
import Green
import GreenPostgres
import SuiteSupport
import TestSupport
import Testing

private struct Note: Codable, Equatable {
  var id: Int
  var title: String
  var createdAt: Date?
  var tags: [String]
}

private struct Settings: Codable, Equatable, Sendable { var theme: String; var size: Int? }

private struct WithSettings: Decodable, Equatable {
  var id: Int
  var settings: Settings
  var kind: Kind
  enum Kind: String, Decodable { case small, large }
}

private struct WithNest: Decodable { var nest: Nest }

@Suite(.bounded) struct QueryTests {
  @Test func rowsAreDecodedByTheNamesOfColumns() throws {
    try withDatabase { db in
      try db.execute("create table notes (title text, id bigint, created_at timestamptz, tags text[])")
      let made = Date(timeIntervalSince1970: 1_700_000_000)
      try db.execute("insert into notes values (\("one"), \(1), \(made), \(["a", "b c"])), ('two', 2, null, '{}')")
      let notes = try db.query("select * from notes order by id", as: Note.self)
      #expect(
        notes == [
          Note(id: 1, title: "one", createdAt: made, tags: ["a", "b c"]),
          Note(id: 2, title: "two", createdAt: nil, tags: []),
        ])
      let first: Note? = try db.first("select * from notes where id = \(2)")
      #expect(first?.title == "two")
      let none = try db.first("select * from notes where id = 3", as: Note.self)
      #expect(none == nil)
      let ids = try db.query("select id from notes order by id", as: Int.self)
      #expect(ids == [1, 2])
    }
  }

  @Test func jsonAndEnumsAreDecoded() throws {
    try withDatabase { db in
      let settings = Settings(theme: "dark", size: nil)
      let row = try db.first(
        "select 1 as id, \(json: settings)::jsonb as settings, 'large' as kind", as: WithSettings.self)
      #expect(row == WithSettings(id: 1, settings: settings, kind: .large))
      let text = try db.value("select '[1]'::json", as: String.self)
      #expect(text == "[1]")
      #expect(throws: PostgresDecodingError.self) {
        try db.first("select 1 as id, '{}'::jsonb as settings, 'large' as kind", as: WithSettings.self)
      }
    }
  }

  @Test func deepJSONIsDecodedAndDeeperJSONIsRefused() throws {
    func brackets(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    try withDatabase { db in
      let row = try db.first("select \(brackets(512))::jsonb as nest", as: WithNest.self)
      #expect(row?.nest.depth == 512)
      let error = #expect(throws: PostgresDecodingError.self) {
        try db.first("select \(brackets(513))::jsonb as nest", as: WithNest.self)
      }
      #expect(
        error == PostgresDecodingError(column: "nest", reason: "its JSON is nested more than 512 deep, at byte 512"))
    }
  }

  @Test func aMissingOrDoubledColumnIsNamed() throws {
    try withDatabase { db in
      var error = #expect(throws: PostgresDecodingError.self) { try db.query("select 1 as id", as: Note.self) }
      #expect(error?.column == "title")
      error = #expect(throws: PostgresDecodingError.self) {
        try db.query("select 1 as id, 2 as id, 'x' as title, '{}'::text[] as tags", as: Note.self)
      }
      #expect(error?.column == "id")
      #expect(throws: PostgresDecodingError.self) { try db.rows("select 1, 2", Int.self) }
      #expect(throws: PostgresDecodingError.self) { try db.value("select 1, 2", as: Int.self) }
    }
  }

  @Test func tuplesHaveTheTypesThatWereAskedFor() throws {
    try withDatabase { db in
      var seen: [String] = []
      for (id, name, when) in try db.rows(
        "select 1, 'a', null::timestamptz union all select 2, 'b', null", Int.self, String.self, Date?.self)
      {
        seen.append("\(id)\(name)\(when == nil)")
      }
      #expect(seen == ["1atrue", "2btrue"])
    }
  }

  @Test func executeCountsRows() throws {
    try withDatabase { db in
      var count = try db.execute("create table t (a int)")
      #expect(count == 0)
      count = try db.execute("insert into t select generate_series(1, \(10))")
      #expect(count == 10)
      count = try db.execute("update t set a = a + 1 where a > \(5)")
      #expect(count == 5)
      count = try db.execute("")
      #expect(count == 0)
    }
  }

  @Test func errorsHaveTheirStateAndMore() throws {
    try withDatabase { db in
      try db.execute("create table t (a int primary key)")
      try db.execute("insert into t values (1)")
      let error = #expect(throws: PostgresError.self) { try db.execute("insert into t values (\(1))") }
      #expect(error?.state == .uniqueViolation && error?.constraint == "t_pkey" && error?.table == "t")
      #expect(error?.state.category == "23" && error?.detail?.contains("(a)=(1)") == true)
      let syntax = #expect(throws: PostgresError.self) { try db.execute("select foo bar baz") }
      #expect(syntax?.state == .syntaxError && syntax?.position == 16)
      // The connection is as good as before.
      #expect(db.pool.statistics.open == 1)
    }
  }

  @Test func whatIsInAValueIsNeverSQL() throws {
    try withDatabase { db in
      try db.execute("create table users (name text)")
      try db.execute("insert into users values ('eve')")
      let attacks = [
        "'; drop table users; --", "' or 1=1 --", "\\'; drop table users; --", "eve'/*", "$1", "%s", "\u{2019} or 1=1",
        "\\x00",
        "x\"\u{301}, 1 --", "\u{600}'; --", "'\u{301} or 1=1 --", "'||pg_sleep(5)||'", "\"; drop table users; --",
        ");--", "\u{feff}'", String(repeating: "'", count: 10_000),
      ]
      for attack in attacks {
        let found = try db.query("select name from users where name = \(attack)", as: String.self)
        #expect(found.isEmpty)
        let array = try db.query("select name from users where name = any(\([attack, "x"]))", as: String.self)
        #expect(array.isEmpty)
        let echoed = try db.value("select \(json: [attack])::jsonb ->> 0", as: String.self)
        #expect(echoed == attack)
        let column = try db.query("select 1 as \(identifier: String(attack.prefix(20)))", as: Int.self)
        #expect(column == [1])
        try db.notify("channel", String(attack.prefix(1000)))
      }
      let copied = try db.copyIn("copy users from stdin") { copy in for attack in attacks { try copy.row(attack) } }
      #expect(copied == attacks.count)
      let names = try db.query("select name from users where name <> 'eve'", as: String.self)
      #expect(Set(names) == Set(attacks))
    }
  }

  @Test func aStatementThatComesOftenIsPrepared() throws {
    try withDatabase(connections: 1) { db in
      for number in 0..<20 {
        let value = try db.value("select \(number) + 1", as: Int.self)
        #expect(value == number + 1)
      }
      let prepared = try db.value("select count(*) from pg_prepared_statements", as: Int.self)
      #expect(prepared == 1)
      // Somebody lets go of them.
      try db.execute("deallocate all")
      let value = try db.value("select \(1) + 1", as: Int.self)
      #expect(value == 2)
    }
  }

  @Test func aPreparedStatementFollowsItsTable() throws {
    try withDatabase(connections: 1) { db in
      try db.execute("create table t (a int)")
      for _ in 0..<8 { _ = try db.query("select * from t", as: Int.self) }
      try db.execute("alter table t alter a type text")
      try db.execute("insert into t values ('x')")
      let texts = try db.query("select * from t", as: String.self)
      #expect(texts == ["x"])
    }
  }

  @Test func aTransactionThatFailsByAChangedTableFailsOnce() throws {
    try withDatabase(connections: 1) { db in
      try db.execute("create table t (a int)")
      let ask = { try db.transaction { try $0.query("select * from t where a > \(0)", as: Int.self) } }
      for _ in 0..<8 { _ = try ask() }
      try db.execute("alter table t add b int")
      let error = #expect(throws: PostgresError.self) { _ = try ask() }
      #expect(error?.message.contains("cached plan") == true)
      for _ in 0..<8 { _ = try ask() }
      // Somebody lets go of all, also of what this connection was to let go of.
      try db.execute("alter table t add c int")
      #expect(throws: PostgresError.self) { _ = try ask() }
      try db.execute("deallocate all")
      var failures = 0
      for _ in 0..<12 { do { _ = try ask() } catch { failures += 1 } }
      #expect(failures <= 1)
      for number in 0..<8 {
        let value = try db.value("select \(number) + 2", as: Int.self)
        #expect(value == number + 2)
      }
    }
  }

  @Test func thereAreNoMorePreparedStatementsThanWereAskedFor() throws {
    let server = try PostgresServer.shared.get()
    var configuration = PostgresConfiguration()
    configuration.statementCache = 10
    let db = try Postgres(server.address, connections: 1, configuration: configuration)
    defer { db.close() }
    for number in 0..<50 { for _ in 0..<6 { try db.execute("select \(1) as \(identifier: "c\(number)")") } }
    let prepared = try db.value("select count(*) from pg_prepared_statements", as: Int.self)
    #expect(prepared! <= 12)
  }

  @Test func manyFibersAskAtOnce() throws {
    try withDatabase(connections: 8) { db in
      let fibers = (0..<200).map { number in
        Fiber.spawn { try db.value("select \(number) from pg_sleep(0.01)", as: Int.self) }
      }
      for (number, fiber) in fibers.enumerated() {
        let value = try fiber.value
        #expect(value == number)
      }
      #expect(db.pool.statistics.open <= 8)
    }
  }

  @Test func itWorksOnThreads() throws {
    let db = try Postgres(PostgresServer.shared.get().networkAddress, connections: 2)
    defer { db.close() }
    try inParallel(
      (0..<6).map { number in
        {
          for _ in 0..<20 {
            let value = try db.value("select \(number)", as: Int.self)
            #expect(value == number)
          }
        }
      })
  }
}

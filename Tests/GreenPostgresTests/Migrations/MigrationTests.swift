import DataServers
import Foundation
import Green
import GreenPostgres
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct MigrationTests {
  private func folder(_ files: [String: String]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    return folder
  }

  @Test func eachIsCarriedOutOnce() throws {
    try withDatabase { db in
      let folder = try folder([
        "0002_more.sql": "alter table notes add body text; insert into notes values (1, 'x');",
        "0001_notes.sql": "create table notes (id int)", "README": "not one",
        "10_index.sql": "-- no transaction\ncreate index concurrently on notes (id)",
      ])
      defer { try? FileManager.default.removeItem(at: folder) }
      var done = try db.migrate(from: folder.path)
      #expect(done == ["0001_notes.sql", "0002_more.sql", "10_index.sql"])
      done = try db.migrate(from: folder.path)
      #expect(done == [])
      let count = try db.value("select count(*) from notes", as: Int.self)
      #expect(count == 1)
    }
  }

  @Test func oneThatWaitsForItsTurnDoesNotHoldUpAnIndex() throws {
    try withDatabase(connections: 4) { db in
      let table = try PostgresMigration(
        name: "1_a.sql", text: "create table a (x int); insert into a select generate_series(1, 1000)")
      let index = try PostgresMigration(
        name: "2_index.sql", text: "-- No transaction\r\ncreate index concurrently on a (x)")
      let fibers = (0..<4).map { _ in Fiber.spawn { try db.migrate([table, index]) } }
      var done: [String] = []
      for fiber in fibers { done += try fiber.value }
      #expect(done.sorted() == ["1_a.sql", "2_index.sql"])
      let valid = try db.value(
        "select bool_and(indisvalid) from pg_index where indrelid = 'a'::regclass", as: Bool.self)
      #expect(valid == true)
    }
  }

  @Test func oneThatFailsIsUndoneAndSaysWhere() throws {
    try withDatabase { db in
      let good = try PostgresMigration(name: "1_good.sql", text: "create table a (x int)")
      let bad = try PostgresMigration(name: "2_bad.sql", text: "create table b (x int);\n\ninsert into b values ('x');")
      let error = #expect(throws: PostgresMigrationError.self) { try db.migrate([bad, good]) }
      guard case .failed("2_bad.sql", line: 3, _) = error else {
        Issue.record("\(error!)")
        return
      }
      let tables = try db.query(
        "select table_name::text from information_schema.tables where table_schema = current_schema() order by 1",
        as: String.self)
      #expect(tables == ["a", "greenfinch_migrations"])
    }
  }

  @Test func aChangedOneAndTwoOfOneNumberAreRefused() throws {
    try withDatabase { db in
      try db.migrate([PostgresMigration(name: "1_a.sql", text: "select 1")])
      let error = #expect(throws: PostgresMigrationError.self) {
        try db.migrate([PostgresMigration(name: "1_a.sql", text: "select 2")])
      }
      #expect("\(error!)".contains("1_a.sql"))
      #expect(throws: PostgresMigrationError.self) {
        try db.migrate([PostgresMigration(name: "2_a.sql", text: ""), PostgresMigration(name: "02_b.sql", text: "")])
      }
      #expect(throws: PostgresMigrationError.self) { try PostgresMigration(name: "notes.sql", text: "") }
      #expect(throws: PostgresMigrationError.self) { try db.migrate(from: "/no/such/folder") }
    }
  }

  @Test func ofManyAtOnceOneDoesIt() throws {
    try withDatabase { db in
      try db.execute("create table log (x int)")
      let migration = try PostgresMigration(
        name: "1_slow.sql", text: "insert into log values (1); select pg_sleep(0.2)")
      let fibers = (0..<5).map { _ in Fiber.spawn { try db.migrate([migration]) } }
      let done = try fibers.flatMap { try $0.value }
      let count = try db.value("select count(*) from log", as: Int.self)
      #expect(done == ["1_slow.sql"] && count == 1)
    }
  }

  @Test func connectionsAreComparedWithTheServers() throws {
    let db = try Postgres(PostgresServer.shared.get().address, connections: 20)
    defer { db.close() }
    let enough = try db.connectionLimit(workers: 2)
    #expect(enough.isEnough && enough.available == 197)
    let limit = try db.connectionLimit(workers: 10)
    #expect(!limit.isEnough && limit.description.contains("10 workers with up to 20 connections each"))
  }
}

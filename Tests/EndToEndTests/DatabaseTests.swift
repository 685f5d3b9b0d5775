import DataServers
import Foundation
import GreenPostgres
import SuiteSupport
import TestSupport
import Testing

/// A service with a database and jobs, as processes, with the redirect linked.
@Suite(.serialized, .bounded) struct DatabaseTests {
  /// What a service is told: a database and a Redis of its own, and migrations.
  private final class Data {
    let postgres: PostgresServer
    let redis: RedisServer
    let folder = FileManager.default.temporaryDirectory.appending(path: "keeper-\(UUID().uuidString)")
    let db: Postgres

    init() throws {
      (postgres, redis) = (try PostgresServer(), try RedisServer())
      db = try Postgres(postgres.networkAddress, connections: 3)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try "create table notes (number int);".write(
        to: folder.appending(path: "1_notes.sql"), atomically: true, encoding: .utf8)
    }

    deinit {
      db.close()
      try? FileManager.default.removeItem(at: folder)
    }

    var environment: [String: String] {
      ["KEEPER_POSTGRES": postgres.networkAddress, "KEEPER_REDIS": redis.address, "KEEPER_MIGRATIONS": folder.path]
    }

    func active(_ text: String) throws -> Int {
      try db.value(
        "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like \("%\(text)%")",
        as: Int.self) ?? 0
    }
  }

  @Test func theMasterMigratesOnceAndWarnsOfTooManyConnections() throws {
    let data = try Data()
    let server = try Server("keeper", ["-k", "green", "-w", "6"], environment: data.environment)
    #expect(server.log.ranges(of: "migration 1_notes.sql was carried out").count == 1, "\(server.log)")
    #expect(server.log.contains("6 workers with up to 40 connections each"), "\(server.log)")
    let count = try get(server.port, "/count")
    #expect(count.body == "0")
    #expect(server.stop() == 0)
    // Nothing is left to do, and nobody is left in the database.
    let again = try Server("keeper", ["-k", "green", "-w", "1"], environment: data.environment)
    #expect(!again.log.contains("was carried out") && !again.log.contains("connections each"), "\(again.log)")
    #expect(again.stop() == 0)
    // Who serves a client in the database goes a moment after that.
    try again.waitUntil("no sessions") {
      try data.db.value(
        "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
        as: Int.self) == 0
    }
  }

  @Test func aMigrationThatFailsEndsTheStart() throws {
    let data = try Data()
    try "create nonsense".write(to: data.folder.appending(path: "2_bad.sql"), atomically: true, encoding: .utf8)
    let server = try Server("keeper", ["-k", "green"], environment: data.environment, waits: false)
    #expect(server.waitForEnd() == 1)
    #expect(server.logged("the migration '2_bad.sql' failed in line 1"), "\(server.log)")
  }

  @Test func aFullPoolIsAnsweredWithWhenToComeAgain() throws {
    let data = try Data()
    let server = try Server("keeper", ["-k", "green"], environment: data.environment)
    let clients = try (0..<3).map { _ in try Client(port: server.port) }
    for client in clients.prefix(2) { try client.send(Array("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n".utf8)) }
    try server.waitUntil("two sleepers") { try data.active("pg_sleep") == 2 }
    let refused = try clients[2].get("/count")
    #expect(refused.status == 503 && refused.head.lowercased().contains("retry-after: 1"), "\(refused.head)")
    #expect(server.stop(SIGINT) == 0)
  }

  @Test func everyWorkerClassAsksIt() throws {
    let data = try Data()
    for kind in ["green", "thread", "sync"] {
      let server = try Server(
        "keeper", ["-k", kind, "-w", "2"] + (kind == "thread" ? ["--threads", "4"] : []), environment: data.environment)
      for _ in 0..<10 {
        let count = try get(server.port, "/count")
        #expect(count.status == 200 && count.body == "0", "\(kind): \(count.body)")
      }
      #expect(server.stop() == 0)
    }
  }

  @Test func workersHaveConnectionsOfTheirOwn() throws {
    let data = try Data()
    let server = try Server("keeper", ["-k", "green", "-w", "3"], environment: data.environment)
    try server.waitForAnswers(of: 3)
    var sessions: Set<String> = []
    try server.waitUntil("three sessions") {
      sessions.insert(try get(server.port, "/session").body)
      return sessions.count >= 3
    }
    #expect(server.stop() == 0)
  }

  @Test func jobsAreServedByProcessesOfTheirOwn() throws {
    let data = try Data()
    let web = try Server("keeper", ["-k", "green"], environment: data.environment)
    for number in 0..<20 { #expect(try get(web.port, "/add/\(number)").body == "added") }
    let page = try Server("keeper", ["serve", "jobs", "-w", "2", "-k", "green"], environment: data.environment)
    try page.waitUntil("twenty notes") { try data.db.value("select count(*) from notes", as: Int.self) == 20 }
    let sum = try data.db.value("select sum(number)::int from notes", as: Int.self)
    #expect(sum == 190)
    let shown = try get(page.port, "/jobs.json")
    #expect(shown.body.contains("\"ready\":0"), "\(shown.body)")
    #expect(try get(page.port, "/").body.contains("<h1>Jobs</h1>"))
    try whatHasFailedIsShownRevivedAndRemoved(web, data)
    #expect(page.stop() == 0)
    #expect(web.stop() == 0)
    let wrong = try Server("keeper", ["serve", "nonsense"], environment: data.environment, waits: false)
    #expect(wrong.waitForEnd() == 2)
    let notGreen = try Server("keeper", ["serve", "jobs", "-k", "sync"], environment: data.environment, waits: false)
    #expect(notGreen.logged("jobs are done by workers of class green"), "\(notGreen.log)")
  }

  /// By the program's own command.
  private func whatHasFailedIsShownRevivedAndRemoved(_ web: Server, _ data: Data) throws {
    func jobs(_ words: String...) throws -> Program.Outcome {
      try Program("keeper").run(["jobs"] + words, environment: data.environment)
    }
    func waitForOneDead() throws -> String {
      var output = ""
      try web.waitUntil("a dead letter") {
        output = try jobs().output
        return output.hasPrefix("0 ready, 0 running, 0 later, 1 dead\n")
      }
      return output
    }
    #expect(try get(web.port, "/fail").status == 200)
    let shown = try waitForOneDead()
    let id = try #require(shown.split(separator: "\n").last?.split(separator: " ").first.map(String.init))
    #expect(shown.contains("failing, 1 attempts: Refused"), "\(shown)")
    #expect(try jobs("revive", id).output == "\(id) is tried again\n")
    _ = try waitForOneDead()
    #expect(try jobs("remove", id).output == "\(id) is no more\n" && jobs().output.hasSuffix("0 dead\n"))
    let unknown = try jobs("remove", id)
    #expect(unknown.status == 1 && unknown.errors.contains("there is no dead letter"))
    #expect(try jobs("nonsense").status == 1)
  }
}

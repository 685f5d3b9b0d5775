import DataServers
import Foundation
import Green
import GreenHTTPClient
import GreenWebSocket
import SuiteSupport
import TestSupport
import Testing

/// The example services as their READMEs start them.
@Suite(.serialized, .bounded) struct ExampleTests {
  private static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Examples").standardizedFileURL.path

  /// A folder that is nobody else's, which is gone after `body`.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func notesOfTwoWorkersAreTheSame() throws { try withFolder { try askNotes(uploads: $0) } }

  private func askNotes(uploads: String) throws {
    struct Token: Decodable { var token: String }
    let postgres = try PostgresServer()
    let server = try Server(
      "notes", ["-k", "green", "-w", "2"],
      environment: [
        "DATABASE_URL": postgres.networkAddress, "SECRET_KEY": "a secret of this test alone", "UPLOADS": uploads,
        "FOLDER": Self.examples + "/notes",
      ])
    #expect(server.logged("migration 1_notes.sql was carried out") && server.logged("migration 2_tokens.sql"))
    let base = "http://127.0.0.1:\(server.port)"
    try onHub {
      let client = HTTPClient()
      let login = ["name": "Eve", "password": "correct horse"]
      // Of no browser: neither Origin nor a token.
      let refused = try client.post(base + "/register", form: ["name": "Eve", "password": "correct horse"])
      #expect(refused.status == .forbidden)
      let registered = try client.post(
        base + "/register", form: ["name": "Eve", "password": "correct horse"], headers: [.origin: base])
      #expect(registered.status == .ok || registered.status == .seeOther)
      let token = try client.post(base + "/api/tokens", body: .json(login)).successful().json(Token.self).token
      try withFiberGroup(of: Void.self, limit: 10) { group in
        for number in 1...50 {
          try group.spawn {
            _ = try client.post(
              base + "/api/notes", body: .json(["title": "note \(number)"]),
              headers: [.authorization: "Bearer \(token)"]
            ).successful()
          }
        }
      }
      struct Note: Decodable { var title: String }
      for _ in 0..<10 {
        let notes = try client.get(base + "/api/notes?limit=100", headers: [.authorization: "Bearer \(token)"]).json(
          [Note].self)
        #expect(Set(notes.map(\.title)) == Set((1...50).map { "note \($0)" }))
      }
      client.closeConnections()
    }
    #expect(server.stop() == 0)
  }

  private struct Heard: Decodable {
    var kind: String
    var name: String?
    var text: String?
    var worker: Int?
    var names: [String]?
  }

  @Test func whoeverIsInARoomHearsTheOthersOfBothWorkers() throws {
    let redis = try RedisServer()
    let server = try Server(
      "chat", ["-k", "green", "-w", "2"],
      environment: ["REDIS_URL": redis.address, "FOLDER": Self.examples + "/chat"])
    #expect(try get(server.port, "/").body.contains("/static/chat.js"))
    #expect(try get(server.port, "/static/chat.js").status == 200)
    let rooms = "ws://127.0.0.1:\(server.port)/rooms"
    try onHub {
      var number = 0
      // A worker that begins late, or is stopped for a moment, has none of the visitors.
      let areTwo = try comesTrue {
        number += 1
        return try Self.workers(ofVisitorsIn: "\(rooms)/lobby-\(number)/socket").count == 2
      }
      #expect(areTwo)
    }
    #expect(throws: (any Error).self) { try onHub { try WebSocket.connect("\(rooms)/lobby/socket?name=") } }
    #expect(server.stop() == 0)
  }

  /// Twelve visitors of a room, each of whom says something; the workers that have heard it first.
  private static func workers(ofVisitorsIn room: String) throws -> Set<Int> {
    let names = (0..<12).map { "visitor \($0)" }
    let sockets = try names.map { name in
      try WebSocket.connect("\(room)?name=\(name.replacingOccurrences(of: " ", with: "%20"))")
    }
    func next(_ socket: WebSocket, _ isIt: (Heard) -> Bool) throws -> Heard {
      while case .text(let text)? = try socket.receive(until: .after(.seconds(patience))) {
        let heard = try JSONDecoder().decode(Heard.self, from: Data(text.utf8))
        if isIt(heard) { return heard }
      }
      throw Failure("the conversation has ended")
    }
    for socket in sockets { _ = try next(socket) { $0.names == names.sorted() } }
    var workers: Set<Int> = []
    for (name, socket) in zip(names, sockets) {
      try socket.send("I am \(name)")
      for other in sockets {
        let heard = try next(other) { $0.kind == "said" }
        #expect(heard.name == name && heard.text == "I am \(name)")
        workers.formUnion(heard.worker.map { [$0] } ?? [])
      }
    }
    sockets[0].close()
    _ = try next(sockets[1]) { $0.names == names.sorted().filter { $0 != names[0] } }
    // Who comes later is told what was said.
    let late = try WebSocket.connect("\(room)?name=late")
    #expect(try next(late) { $0.kind == "said" }.text == "I am visitor 0")
    for socket in sockets + [late] { socket.close() }
    return workers
  }

  @Test func threeServicesTakeAsLongAsOne() throws {
    let port = try freePort()
    let server = try Server(
      "gather", ["-k", "green"], port: port, environment: ["SERVICES": "http://127.0.0.1:\(port)/services"])
    func milliseconds(_ path: String) throws -> Int {
      // By a client that says another Host: what the server asks is not the client's to choose.
      let page = try Program(system: "curl").run([
        "-s", "-H", "Host: elsewhere.invalid", "http://127.0.0.1:\(server.port)\(path)",
      ]).output
      #expect(page.contains("news: the news of today") && page.contains("weather:") && page.contains("trains:"))
      return page.firstMatch(of: /<b>(\d+) ms<\/b>/).flatMap { Int($0.1) } ?? 0
    }
    var (fibers, tasks, turns) = (Int.max, Int.max, Int.max)
    // What else the machine does may make any of them long, but not each time.
    let isShorter = try passesOnce {
      fibers = min(try milliseconds("/fibers"), fibers)
      tasks = min(try milliseconds("/tasks"), tasks)
      turns = min(try milliseconds("/turns"), turns)
      return fibers * 3 < turns * 2 && tasks * 3 < turns * 2
    }
    #expect(turns >= 1500 && fibers >= 500 && tasks >= 500)
    #expect(isShorter, "\(fibers), \(tasks), \(turns)")
    #expect(server.stop() == 0)
  }

  @Test func theDashboardShowsItsServer() throws { try withFolder { try askDashboard($0 + "/ctl") } }

  private func askDashboard(_ control: String) throws {
    let server = try Server(
      "dashboard", [],
      environment: ["CONTROL_SOCKET": control, "FOLDER": Self.examples + "/dashboard"])
    #expect(try get(server.port, "/").body.contains("/static/dashboard.js"))
    #expect(try get(server.port, "/work").body == "done\n")
    let events = "curl -sN --max-time 60 http://127.0.0.1:\(server.port)/events"
    let outcome = try Program("/bin/sh").run(["-c", "\(events) | grep -m 2 '^data: '"])
    let looks = outcome.output.split(separator: "\n").filter { $0.hasPrefix("data: ") }
    #expect(!looks.isEmpty, "\(server.log)")
    struct Look: Decodable {
      struct Worker: Decodable { var pid: Int }
      var requests_per_second: Double
      var workers: [Worker]
    }
    for look in looks {
      let seen = try JSONDecoder().decode(Look.self, from: Data(look.dropFirst(6).utf8))
      #expect(Set(seen.workers.map(\.pid)) == Set(server.workers.map { Int($0) }))
    }
    #expect(server.stop() == 0)
  }
}

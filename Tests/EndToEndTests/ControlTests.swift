import Foundation
import SuiteSupport
import TestSupport
import Testing

/// `greenfinch ctl`, and an application's own `ctl`.
@Suite(.serialized, .bounded) struct ControlTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/ctl" }

  init() throws { folder = try TemporaryFolder() }

  private func ctl(_ words: String..., program: String = "greenfinch") throws -> Program.Outcome {
    try Program(program).run(["ctl", "--socket", path] + words)
  }

  private func json(_ words: String...) throws -> Any {
    let outcome = try Program("greenfinch").run(["ctl", "--socket", path, "--json"] + words)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
  }

  @Test(arguments: everyClass)
  func itShowsHowAServerFares(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2", "--control-socket", path])
    try server.waitForAnswers(of: 2)
    for _ in 0..<10 { _ = try get(server.port, "/pid") }
    let status = try ctl("status", program: "app")
    #expect(status.status == 0 && status.output.contains("process        \(server.pid)\n"), "\(status)")
    #expect(status.output.contains("workers        2 ready, 0 starting, 0 draining, 2 wanted\n"), "\(status.output)")
    let object = try #require(try json("status") as? [String: Any])
    #expect(object["pid"] as? Int == Int(server.pid) && object["workers_ready"] as? Int == 2, "\(object)")
    #expect(try #require(object["requests"] as? Int) >= 10, "\(object)")
    let workers = try #require(try json("workers") as? [[String: Any]])
    #expect(Set(workers.compactMap { $0["pid"] as? Int }) == Set(server.workers.map(Int.init)))
    let table = try ctl("workers").output.split(separator: "\n")
    #expect(table.count == 3 && table[0].contains("PID") && table[1].contains("ready"), "\(table)")
    #expect(server.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func itsFileHasTheModeThatIsAskedFor() throws {
    func mode(_ options: [String]) throws -> Int? {
      let server = try Server(["-k", "green", "--control-socket", path] + options)
      defer { #expect(server.stop() == 0) }
      try server.waitUntil("the socket") { FileManager.default.fileExists(atPath: path) }
      return try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode([]) == 0o600)
    #expect(try mode(["--control-socket-mode", "0660"]) == 0o660)
  }

  @Test func itOrdersWhatSignalsDo() throws {
    let server = try Server(["-k", "green", "--control-socket", path])
    let first = server.workers
    #expect(try ctl("add", "2").output == "3 workers wanted\n")
    try server.waitUntil("three workers") { server.workers.count == 3 }
    #expect(try ctl("remove", "2").output == "1 workers wanted\n")
    try server.waitUntil("one worker") { server.workers.count == 1 }
    let present = server.workers
    #expect(present != first, "the oldest go first")
    #expect(try ctl("reload").status == 0)
    try server.waitUntil("another worker") { server.workers.count == 1 && server.workers != present }
    let worker = server.workers[0]
    #expect(try ctl("drain", "\(worker)").status == 0)
    try server.waitUntil("its replacement") { server.workers.count == 1 && server.workers != [worker] }
    #expect(try ctl("reopen").status == 0)
    #expect(server.logged("Handling signal: usr1"))
    #expect(try ctl("drain").output == "the server stops when its requests have ended\n")
    #expect(server.waitForEnd() == 0)
  }

  @Test func itDumpsTheFibersOfEachWorker() throws {
    let server = try Server(["-k", "green", "-w", "2", "--control-socket", path])
    try server.waitForAnswers(of: 2)
    let (client, gate) = (try Client(port: server.port), try Gate())
    try client.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitForBegun()
    // One who is stopped for longer than the master waits has no part in it.
    try server.waitUntil("a dump of both") {
      let dump = try ctl("dump").output
      return dump.contains("\"GET \(gate.path)\" parked")
        && server.workers.allSatisfy { dump.contains("worker \($0)\nhub of thread \($0) ") }
    }
    let one = try ctl("dump", "\(server.workers[0])")
    #expect(!one.output.contains("worker \(server.workers[1])\n"))
    #expect(try ctl("dump", "1").status == 1)
    #expect(try #require(try json("dump") as? [[String: Any]]).count == 2)
    gate.open()
    #expect(try client.receive().body == "done")
    #expect(server.stop() == 0)
  }

  @Test(arguments: [["-k", "sync"], ["-k", "thread", "--threads", "2"]])
  func aDumpOfAWorkerWithoutFibersSaysWhatItDoes(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--control-socket", path])
    let (client, gate) = (try Client(port: server.port), try Gate())
    try client.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitForBegun()
    #expect(try ctl("dump").output.contains("GET \(gate.path)"))
    server.stop(SIGQUIT)
  }

  @Test func itTracesWhichFiberHasTheThread() throws {
    let server = try Server(["-k", "green", "--control-socket", path])
    let load = Load(on: server.port)
    // Whoever is stopped asks nothing meanwhile.
    try server.waitUntil("a trace with a request in it") {
      let trace = try ctl("trace", "0.3")
      let object = try JSONSerialization.jsonObject(with: Data(trace.output.utf8)) as? [String: Any]
      let events = try #require(object?["traceEvents"] as? [[String: Any]], "\(trace)")
      let slices = events.filter { $0["ph"] as? String == "X" }
      #expect(slices.allSatisfy { $0["dur"] is Double && $0["ts"] is Double && $0["tid"] is Int })
      return slices.contains { $0["name"] as? String == "GET /pid" }
    }
    _ = load.stop()
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func topShowsRatesAndTheSlowestRequests(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2", "--control-socket", path])
    let (client, gate) = (try Client(port: server.port), try Gate())
    try client.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitForBegun()
    // The master waits for a worker for a moment only.
    try server.waitUntil("the request") {
      let top = try ctl("top", "--interval", "0.3")
      #expect(top.status == 0 && top.output.contains("requests/s; p50 "), "\(top)")
      return top.output.contains("The slowest requests in progress:") && top.output.contains("GET \(gate.path)")
    }
    let object = try #require(try json("top", "-i", "0.1") as? [String: Any])
    #expect(object["requests_per_second"] is Double && (object["workers"] as? [Any])?.count == 2, "\(object)")
    gate.open()
    #expect(try client.receive().body == "done")
    #expect(server.stop() == 0)
  }

  @Test func topShowsEachRequestOfAConnectionThatSpeaksHTTP2() throws {
    let certificates = try Certificates()
    let server = try secureServer(
      ["-k", "green", "--http-protocols", "h1,h2", "--control-socket", path], certificates, program: "streams")
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    let url = "https://localhost:\(server.port)"
    let gate = try Gate()
    curl.arguments =
      [
        "-s", "--http2", "--parallel", "--cacert", certificates.path("ca.pem"), "--resolve",
        "localhost:\(server.port):127.0.0.1",
      ] + ["\(url)\(gate.path)?1", "\(url)\(gate.path)?2", "\(url)/plain"]
    curl.standardOutput = FileHandle.nullDevice
    try curl.run()
    // One that has been answered is not in progress.
    try server.waitUntil("two requests alone") {
      let top = try ctl("top", "--interval", "0.1").output
      return top.contains("GET \(gate.path)?1") && top.contains("GET \(gate.path)?2") && !top.contains("GET /plain")
    }
    gate.open()
    curl.waitUntilExit()
    try server.waitUntil("none") { try !ctl("top", "--interval", "0.1").output.contains("GET /until") }
    #expect(server.stop() == 0)
  }

  @Test func whatIsWrongIsSaid() throws {
    #expect(try ctl("status").status == 1)
    let server = try Server(["-k", "green", "--control-socket", path])
    let unknown = try ctl("statsu")
    #expect(unknown.status == 1 && unknown.errors == "unknown command 'statsu'; did you mean status?\n", "\(unknown)")
    #expect(try ctl("add", "0").status == 1)
    #expect(try Program("greenfinch").run(["ctl"]).status == 2)
    #expect(try Program("greenfinch").run(["--nonsense"]).status == 2)
    let help = try Program("greenfinch").run(["ctl", "--help"])
    #expect(help.status == 0 && help.output.contains("top "), "\(help)")
    // Where the settings say where the server listens, ctl need not.
    let file = folder.path + "/greenfinch.json"
    try #"{"control_socket": "\#(path)"}"#.write(toFile: file, atomically: true, encoding: .utf8)
    let found = try Program("/bin/sh").run([
      "-c", "cd '\(folder.path)' && exec '\(Program("greenfinch").path)' ctl status",
    ])
    #expect(found.status == 0, "\(found)")
    #expect(server.stop() == 0)
  }

  @Test func itFindsTheServerByTheSettingsThatThatReads() throws {
    let server = try Server(["-k", "green", "--control-socket", path])
    func status(with settings: String) throws -> Program.Outcome {
      try settings.write(toFile: folder.path + "/greenfinch.json", atomically: true, encoding: .utf8)
      return try Program("/bin/sh").run([
        "-c", "cd '\(folder.path)' && exec '\(Program("greenfinch").path)' ctl status",
      ])
    }
    // A setting that only programs in Python have.
    let found = try status(with: #"{"control_socket": "\#(path)", "preload_app": true}"#)
    #expect(found.status == 0, "\(found)")
    let wrong = try status(with: #"{"control_sockett": "\#(path)"}"#)
    #expect(wrong.status == 1 && wrong.errors.hasPrefix("Error: the server's settings cannot be read: "), "\(wrong)")
    #expect(wrong.errors.contains("control_sockett"), "\(wrong)")
    #expect(server.stop() == 0)
  }

  @Test func aClientThatSendsNoMoreGetsItsAnswers() throws {
    let server = try Server(["-k", "green", "--control-socket", path])
    let client = try UnixClient(path)
    client.send("status\ndump\nnonsense\n")
    let answer = client.finish()
    #expect(answer.hasPrefix("ok ") && answer.contains("process        \(server.pid)\n"), "\(answer)")
    #expect(answer.contains("\nworker \(server.workers[0])\n") && answer.contains("\nerror "), "\(answer)")
    let silent = try UnixClient(path)
    #expect(silent.finish() == "")
    let half = try UnixClient(path)
    half.send("stat")
    #expect(half.finish() == "")
    #expect(server.stop() == 0)
  }

  @Test func aClientThatNeverTakesItsAnswerHoldsNobody() throws {
    let server = try Server(["-k", "green", "--control-socket", path])
    let greedy = try (0..<5).map { _ in try UnixClient(path) }
    for client in greedy { for _ in 0..<50 { client.send("dump\nworkers --json\n") } }
    #expect(try get(server.port, "/pid").status == 200)
    #expect(try ctl("status").status == 0)
    #expect(server.stop() == 0)
    _ = greedy
  }

  @Test func anApplicationShowsItsRoutesAndTakesTheWordServe() throws {
    let routes = try Program("app").run(["routes"])
    #expect(routes.status == 0 && routes.output.contains("GET   /pid/{milliseconds}\n"), "\(routes)")
    let server = try Server(
      "/bin/sh", ["-c", "exec \"$0\" serve \"$@\"", Program("app").path, "-k", "green", "-w", "2"])
    #expect(server.workers.count == 2)
    #expect(server.stop() == 0)
  }
}

/// A client at a Unix socket that sends, and reads nothing before it is finished.
private final class UnixClient {
  private let descriptor = socket(AF_UNIX, 1, 0)

  init(_ path: String) throws {
    guard withUnixAddress(path, { connect(descriptor, $0, $1) }) == 0 else { throw Failure("connect: errno \(errno)") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) {
    _ = Foundation.send(descriptor, text, text.utf8.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
  }

  /// Sends no more, and returns all that is answered.
  func finish() -> String {
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &room, room.count, 0), count > 0 { answer += room[..<count] }
    return String(decoding: answer, as: UTF8.self)
  }
}

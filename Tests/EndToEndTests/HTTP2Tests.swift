import Foundation
import SuiteSupport
import TestSupport
import Testing

/// HTTP/2 of a server, asked by other people's clients: curl and nghttp2's own.
@Suite(.bounded) struct HTTP2Tests {
  private static let both = ["--http-protocols", "h1,h2"]
  /// Seconds that a client of ours would wait for an answer.
  private static let most = "150"

  private func serving(_ arguments: [String] = ["-k", "green"]) throws -> Server {
    try Server("streams", arguments + Self.both)
  }

  private func curl(_ server: Server, _ path: String, _ arguments: [String] = []) throws -> String {
    let outcome = try Program(system: "curl").run(
      ["-s", "--http2-prior-knowledge", "-m", Self.most] + arguments + ["http://127.0.0.1:\(server.port)\(path)"])
    return outcome.status == 0 ? outcome.output : "curl ended with \(outcome.status): \(outcome.output)"
  }

  /// curl, on a thread of its own.
  private func asking(_ server: Server, _ path: String) -> ThreadResult<Program.Outcome> {
    let address = "http://127.0.0.1:\(server.port)\(path)"
    return Thread.running {
      try Program(system: "curl").run(["-s", "--http2-prior-knowledge", "-m", Self.most, address])
    }
  }

  /// What nghttp2's generator of load says that it has counted.
  private func load(_ server: Server, _ path: String, requests: Int, clients: Int, streams: Int, _ more: [String] = [])
    throws -> (succeeded: Int, seconds: Double)
  {
    let outcome = try Program(system: "h2load").run(
      ["-n", "\(requests)", "-c", "\(clients)", "-m", "\(streams)"] + more
        + ["http://127.0.0.1:\(server.port)\(path)"])
    let counts = outcome.output.firstMatch(of: /(\d+) 2xx/)
    let time = outcome.output.firstMatch(of: /finished in ([\d.]+)(m?s)/)
    guard let counts, let time, let count = Int(counts.1), let seconds = Double(time.1) else {
      throw Failure("h2load: \(outcome.output)\(outcome.errors)")
    }
    return (count, time.2 == "ms" ? seconds / 1000 : seconds)
  }

  @Test func curlIsServed() throws {
    let server = try serving(["-k", "green", "--access-logfile", "/dev/stderr"])
    try #expect(curl(server, "/version") == "HTTP/2.0 http 127.0.0.1:\(server.port)")
    try #expect(get(server.port, "/version").body == "HTTP/1.1 http test")
    try #expect(curl(server, "/plain", ["-I"]).hasPrefix("HTTP/2 200"))
    try #expect(curl(server, "/no-content", ["-i"]).hasPrefix("HTTP/2 204"))
    try #expect(curl(server, "/not-modified", ["-i"]).hasPrefix("HTTP/2 304"))
    try #expect(curl(server, "/nothing", ["-i"]).hasPrefix("HTTP/2 404"))
    try #expect(curl(server, "/throw") == "Internal Server Error")
    try #expect(curl(server, "/close") == "last")
    let fields = try curl(server, "/fields", ["-b", "a=1; b=2", "-H", "X-Own: yes"])
    #expect(fields.contains("cookie: a=1; b=2\n") && fields.contains("x-own: yes\n"), "\(fields)")
    #expect(server.logged("\"GET /version HTTP/2.0\" 200"))
    #expect(server.stop() == 0)
  }

  @Test func bodiesGoBothWays() throws {
    let server = try serving(["-k", "green", "--limit-request-body", "0"])
    let file = FileManager.default.temporaryDirectory.appending(path: "greenfinch-h2-\(server.port)")
    defer { try? FileManager.default.removeItem(at: file) }
    let text = (0..<300_000).map { "\($0) " }.joined()
    try text.write(to: file, atomically: true, encoding: .utf8)
    try #expect(curl(server, "/echo", ["--data-binary", "@\(file.path)"]) == text)
    try #expect(curl(server, "/echo", ["-T", file.path, "-X", "POST", "-H", "Expect: 100-continue"]) == text)
    try #expect(curl(server, "/late/300", ["--data-binary", "@\(file.path)"]) == "\(text.utf8.count)")
    try #expect(curl(server, "/unread", ["-d", "short"]) == "not read")
    // curl 7.88 forgets an answer that comes before it has sent all, whoever answers.
    let early = try Program(system: "nghttp").run(["-d", file.path, "http://127.0.0.1:\(server.port)/unread"])
    #expect(early.output == "not read", "\(early.errors)")
    try #expect(curl(server, "/bytes/1000000").utf8.count == 1_000_000)
    try #expect(curl(server, "/events/3") == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
    try #expect(curl(server, "/torn").hasPrefix("curl ended with 92"), "a stream that was reset")
  }

  /// Trailers both ways are tried by frames; curl 7 cannot send any.
  @Test func nghttpSendsTrailers() throws {
    let server = try serving()
    let file = FileManager.default.temporaryDirectory.appending(path: "greenfinch-h2t-\(server.port)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "12345".write(to: file, atomically: true, encoding: .utf8)
    let outcome = try Program(system: "nghttp").run(
      ["--trailer", "checksum: abc", "-d", file.path, "http://127.0.0.1:\(server.port)/trailers"])
    #expect(outcome.output == "5 checksum=abc", "\(outcome.errors)")
  }

  @Test func aHundredRequestsOfOneConnectionWaitAtOnceInOneWorker() throws {
    let server = try serving(["-k", "green", "-w", "1"])
    let (succeeded, seconds) = try load(server, "/sleep/500", requests: 100, clients: 1, streams: 100)
    #expect(succeeded == 100)
    // One after the other they would take 50 s.
    #expect(seconds < 25, "\(seconds)")
  }

  @Test func manyRequestsOfManyConnectionsAreAnswered() throws {
    let server = try serving(["-k", "green", "-w", "2"])
    for (path, count) in [("/plain", 20_000), ("/bytes/100000", 500), ("/stream/1", 100)] {
      try #expect(load(server, path, requests: count, clients: 10, streams: 20).succeeded == count, "\(path)")
    }
    #expect(server.stop() == 0)
  }

  @Test(arguments: [["-k", "sync"], ["-k", "thread", "--threads", "4"]])
  func workersWithoutFibersSpeakHTTP1(_ arguments: [String]) throws {
    let server = try serving(arguments)
    #expect(server.logged("these speak HTTP/1"))
    try #expect(get(server.port, "/version").body == "HTTP/1.1 http test")
    try #expect(curl(server, "/version").hasPrefix("curl ended with"))
  }

  @Test func aProgramWithoutTheModuleSaysSo() throws {
    let outcome = try Program("app").run(["--http-protocols", "h1,h2"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("import GreenHTTP2, and write app.run { $0.http2 = .nghttp2 }"), "\(outcome.errors)")
  }

  @Test(arguments: ["h2", "h1,h1", "h3", "", "h1;h2"])
  func aListThatIsNoneIsRefused(_ list: String) throws {
    let outcome = try Program("streams").run(["--http-protocols", list])
    #expect(outcome.status == 1 && outcome.errors.contains("--http-protocols"), "\(outcome.errors)")
  }

  @Test func aServerThatStopsFinishesWhatIsInProgress() throws {
    let server = try serving(["-k", "green", "-w", "1"])
    let gate = try Gate()
    let waiting = asking(server, gate.path)
    try server.waitForBegun()
    kill(server.pid, SIGTERM)
    #expect(server.logged("Handling signal: term"))
    gate.open()
    try #expect(waiting.get().output == "done")
    #expect(server.waitForEnd() == 0)
  }

  @Test func theGracefulTimeoutEndsTheRest() throws {
    let server = try serving(["-k", "green", "-w", "1", "--graceful-timeout", "1"])
    let gate = try Gate()
    let waiting = asking(server, gate.path)
    try server.waitForBegun()
    // The request does not end by itself.
    #expect(server.stop() == 0)
    try #expect(waiting.get().status != 0)
  }

  @Test func whoGoesAwayEndsItsHandlers() throws {
    let server = try serving(["-k", "green", "-w", "1"])
    for number in 1...3 {
      let curl = Process()
      curl.executableURL = URL(fileURLWithPath: Program(system: "curl").path)
      curl.arguments = ["-s", "--http2-prior-knowledge", "http://127.0.0.1:\(server.port)/wait"]
      try curl.run()
      try server.waitForBegun(number)
      kill(curl.processIdentifier, SIGKILL)
      curl.waitUntilExit()
    }
    try server.waitUntil("three handlers have been told") { try get(server.port, "/cancelled").body == "3" }
    #expect(!server.log.contains("CancellationError"), "nobody needs to know: \(server.log)")
  }

  @Test func aGigabyteEachWayTakesNoMemory() throws {
    let server = try serving(["-k", "green", "-w", "1", "--limit-request-body", "0"])
    let count = try Program("/bin/sh").run([
      "-c",
      """
      ask="curl -s --http2-prior-knowledge -m \(Self.most)"
      $ask http://127.0.0.1:\(server.port)/stream/1000 | wc -c
      head -c 1000000000 /dev/zero | $ask -X POST -T - http://127.0.0.1:\(server.port)/count
      """,
    ])
    #expect(count.output.split(whereSeparator: \.isWhitespace) == ["1048576000", "1000000000"], "\(count.errors)")
    let worker = try #require(server.workers.first)
    let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    let most = try #require(Int(line.filter(\.isNumber)))
    if Sanitizer.current == nil { #expect(most < 100_000, "\(most) KB") }
  }

  // MARK: TLS

  private func secure(_ server: Server, _ certificates: Certificates, _ path: String, _ arguments: [String]) throws
    -> String
  {
    try Program(system: "curl").run(
      ["-s", "-m", Self.most, "--cacert", certificates.path("ca.pem")] + arguments
        + ["https://localhost:\(server.port)\(path)"]
    ).output
  }

  @Test func bothSidesAgreeByTLS() throws {
    let certificates = try Certificates()
    let server = try Server(
      "streams",
      ["-k", "green", "--certfile", certificates.path("server.pem"), "--keyfile", certificates.path("server.key")]
        + ["--http-protocols", "h2,h1", "--limit-request-body", "0"], waits: false)
    try server.waitUntil("the server listens") { try !secure(server, certificates, "/plain", []).isEmpty }
    try #expect(secure(server, certificates, "/version", ["--http2"]) == "HTTP/2.0 https localhost:\(server.port)")
    try #expect(secure(server, certificates, "/version", ["--http1.1"]) == "HTTP/1.1 https localhost:\(server.port)")
    try #expect(secure(server, certificates, "/stream/20", ["--http2"]).utf8.count == 20 << 20)
    let body = certificates.path("body")
    try Data(count: 5_000_000).write(to: URL(fileURLWithPath: body))
    try #expect(
      secure(server, certificates, "/count", ["--http2", "--data-binary", "@\(body)"]) == "5000000")
    let outcome = try Program(system: "h2load").run(
      ["-n", "2000", "-c", "4", "-m", "20", "https://localhost:\(server.port)/bytes/10000"])
    #expect(outcome.output.contains("2000 2xx"), "\(outcome.output)")
    #expect(server.stop() == 0)
  }
}

import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Metrics, health, and statsd.
@Suite(.serialized, .bounded) struct WatchingTests {
  /// A server that is watched at a port of its own.
  private func watched(_ arguments: [String]) throws -> (server: Server, port: UInt16) {
    let port = try freePort()
    return (try Server(arguments + ["--metrics-bind", "127.0.0.1:\(port)"]), port)
  }

  /// The value of a metric, by its name and labels; -1 where it is not told.
  private func value(_ name: String, at port: UInt16) throws -> Double {
    let page = try get(port, "/metrics").body
    return page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      .flatMap { Double($0.dropFirst(name.count + 1)) } ?? -1
  }

  @Test(arguments: everyClass)
  func requestsOfAllWorkersAreAddedUp(_ arguments: [String]) throws {
    let (server, port) = try watched(arguments + ["-w", "2"])
    // Those of whoever waited for the server are told a moment later.
    try server.waitUntil("the first request") { try value(#"greenfinch_requests_total{code="200"}"#, at: port) == 1 }
    for _ in 0..<20 { #expect(try get(server.port, "/pid").status == 200) }
    _ = try get(server.port, "/nowhere")
    _ = try get(server.port, "/throw")
    _ = try? Client(port: server.port).exchange("GET /stream-broken HTTP/1.1\r\nHost: x\r\n\r\n")
    _ = try Client(port: server.port).exchange("GET / nonsense\r\n\r\n")
    // A request is counted when its answer is on its way. Errors: what a handler threw, and what broke off.
    for (name, count) in [
      (#"requests_total{code="200"}"#, 22), (#"requests_total{code="400"}"#, 1), (#"requests_total{code="404"}"#, 1),
      (#"requests_total{code="500"}"#, 1), ("request_errors_total", 2), ("requests_refused_total", 1),
      ("request_duration_seconds_count", 25),
    ] {
      try server.waitUntil("\(count) of \(name)") { try value("greenfinch_" + name, at: port) == Double(count) }
    }
    #expect(try value("greenfinch_connections_accepted_total", at: port) >= 23)
    try server.waitUntil("both workers") { try value(#"greenfinch_workers{state="ready"}"#, at: port) == 2 }
    #expect(try value(#"greenfinch_worker_resident_memory_bytes{worker="0"}"#, at: port) > 1e6)
    #expect(server.stop() == 0)
  }

  @Test func figuresStayWhenTheirWorkerHasGone() throws {
    let (server, port) = try watched(["-k", "green"])
    for _ in 0..<5 { _ = try get(server.port, "/pid") }
    var count = 0.0
    try server.waitUntil("its requests") {
      count = try value(#"greenfinch_requests_total{code="200"}"#, at: port)
      return count >= 5
    }
    let worker = server.workers[0]
    kill(worker, SIGKILL)
    try server.waitUntil("a replacement") { !server.workers.contains(worker) && (try? get(server.port, "/pid")) != nil }
    #expect(try value(#"greenfinch_requests_total{code="200"}"#, at: port) >= count)
    #expect(try value("greenfinch_worker_starts_total", at: port) == 2)
    #expect(try value("greenfinch_worker_ends_total", at: port) == 1)
    #expect(server.stop() == 0)
  }

  @Test func aServerIsReadyWhileAWorkerWouldTakeARequest() throws {
    let (server, port) = try watched(["-k", "sync"])
    try server.waitUntil("readiness") { try get(port, "/readyz").status == 200 }
    #expect(try get(port, "/healthz").status == 200)
    let (client, gate) = (try Client(port: server.port), try Gate())
    try client.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitForBegun()
    let busy = try get(port, "/readyz")
    #expect(busy.status == 503 && busy.body == "no worker is free\n")
    #expect(try get(port, "/healthz").status == 200)
    kill(server.pid, SIGTERM)
    try server.waitUntil("the end of readiness") { try get(port, "/readyz").body == "the server is stopping\n" }
    gate.open()
    #expect(try client.receive().body == "done")
    #expect(server.waitForEnd() == 0)
  }

  @Test func aBusyServerIsReadyWhereTheSettingsSaySo() throws {
    let (server, port) = try watched(["-k", "sync", "--ready-when-busy"])
    try server.waitUntil("readiness") { try get(port, "/readyz").status == 200 }
    let (client, gate) = (try Client(port: server.port), try Gate())
    try client.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try server.waitForBegun()
    #expect(try get(port, "/readyz").status == 200)
    gate.open()
    #expect(try client.receive().body == "done")
    #expect(server.stop() == 0)
  }

  @Test func whoeverAsksTheMasterSlowlyHoldsNobodyUp() throws {
    let (server, port) = try watched(["-k", "green"])
    let silent = try (0..<20).map { _ in try Client(port: port) }
    // So long the master waits for a question.
    let isAnswered = try holds(within: 10) {
      let half = try Client(port: port)
      try half.send(Array("GET /metrics HT".utf8))
      #expect(try get(port, "/healthz").status == 200)
      let worker = try #require(server.workers.first)
      kill(worker, SIGKILL)
      try server.waitUntil("a replacement") {
        !server.workers.contains(worker) && (try? get(server.port, "/pid")) != nil
      }
      try half.send(Array("TP/1.1\r\n\r\n".utf8))
      return try half.receive().body.contains("greenfinch_workers") && half.isClosedByServer()
    }
    #expect(isAnswered)
    _ = silent
    #expect(try get(port, "/nowhere").status == 404)
    #expect(try Client(port: port).exchange("POST /metrics HTTP/1.1\r\n\r\n").status == 405)
    #expect(server.stop() == 0)
  }

  @Test func aCrowdAtTheMetricsKeepsNobodyOut() throws {
    let folder = try TemporaryFolder()
    let control = folder.path + "/ctl"
    let (server, port) = try watched(["-k", "green", "--control-socket", control])
    let silent = try (0..<120).map { _ in try Client(port: port) }
    #expect(try get(port, "/healthz").status == 200)
    let status = try Program("greenfinch").run(["ctl", "--socket", control, "status"])
    #expect(status.status == 0, "\(status)")
    _ = silent
    #expect(server.stop() == 0)
  }

  @Test func aClientOfTheMetricsHasItsAnswerWhateverElseItSends() throws {
    let (server, port) = try watched(["-k", "green"])
    for (head, status) in [
      ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n", 405), ("NONSENSE\r\n\r\n", 400),
      ("", 400), ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ] {
      // For a second it is read from what somebody sends who has the answer.
      let isInOrder = try holds(within: 1) {
        let client = try Client(port: port)
        try client.send(Array(head.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 400_000))
        let answer = try client.receive()
        return try answer.status == status && answer.closes && client.endsInOrder()
      }
      #expect(isInOrder, "after: \(head)")
    }
    #expect(server.stop() == 0)
  }

  @Test func anAddressInUseIsOneSentence() throws {
    let port = try freePort()
    let reader = try LineReader(port: port, stream: true)
    let server = try Server(["--metrics-bind", "127.0.0.1:\(port)"], waits: false)
    #expect(server.waitForEnd() == 1)
    #expect(server.logged("--metrics-bind '127.0.0.1:\(port)' cannot be listened at: "), "\(server.log)")
    _ = reader
  }

  @Test(arguments: everyClass)
  func statsdIsToldByGunicornsNames(_ arguments: [String]) throws {
    let port = try freePort()
    let reader = try LineReader(port: port)
    let server = try Server(
      arguments + [
        "--statsd-host", "127.0.0.1:\(port)", "--statsd-prefix", "shop.", "--dogstatsd-tags", "env:test",
        "--enable-backlog-metric",
      ])
    _ = try get(server.port, "/throw")
    _ = try? Client(port: server.port).exchange("GET /stream-broken HTTP/1.1\r\nHost: x\r\n\r\n")
    for line in [
      "shop.gunicorn.requests:1|c|@1.0|#env:test\n", "shop.gunicorn.request.status.500:1|c|@1.0|#env:test\n",
      "shop.gunicorn.log.exception:1|c|@1.0|#env:test\n", "shop.gunicorn.log.error:1|c|@1.0|#env:test\n",
      "shop.gunicorn.workers:1|g|#env:test\n", "shop.gunicorn.backlog:0|h|#env:test\n",
    ] { #expect(reader.gets(line), "\(line) in \(reader.read())") }
    #expect(reader.read().contains(/shop\.gunicorn\.request\.duration:\d+\.\d+\|ms\|#env:test\n/), "\(reader.read())")
    #expect(server.stop() == 0)
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "Debian's prometheus is missing"))
  func promtoolFindsNoFault() throws {
    let (server, port) = try watched(["-k", "green", "-w", "2"])
    for path in ["/pid", "/throw", "/nowhere"] { _ = try get(server.port, path) }
    let folder = try TemporaryFolder()
    try get(port, "/metrics").body.write(toFile: folder.path + "/page", atomically: true, encoding: .utf8)
    let outcome = try Program("/bin/sh").run(["-c", "promtool check metrics <'\(folder.path)/page'"])
    #expect(outcome.status == 0 && outcome.errors == "" && outcome.output == "", "\(outcome.errors)\(outcome.output)")
    #expect(server.stop() == 0)
  }
}

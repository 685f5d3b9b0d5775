import Foundation
import SuiteSupport
import TestSupport
import Testing

/// How the server ends connections: no answer and no request is to be lost by it.
@Suite(.serialized, .bounded) struct ClosingTests {
  /// What a client sends while the server has its last answer ready: the rest of a body that nobody reads, a request in the
  /// same segment, a request that comes while the handler runs, the same after a last one.
  private static let excesses: [(first: String, later: String)] = [
    ("POST /pid HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n", String(repeating: "x", count: 400_000)),
    ("GET /pid HTTP/1.1\r\nHost: x\r\n\r\nGET /pid HTTP/1.1\r\nHost: x\r\n\r\n", ""),
    ("GET /sleep/100 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /pid HTTP/1.1\r\nHost: x\r\n\r\n"),
    // It has said itself that this was the last.
    ("GET /sleep/100 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /pid HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("NONSENSE\r\n\r\n", String(repeating: "x", count: 400_000)),
  ]

  @Test(arguments: everyClass)
  func whatAClientStillSendsDoesNotDestroyTheAnswer(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--keep-alive", "0"])
    for excess in Self.excesses {
      let client = try Client(port: server.port)
      try client.send(Array(excess.first.utf8))
      usleep(30_000)
      try client.send(Array(excess.later.utf8))
      usleep(200_000)
      #expect(try client.receive().closes)
      #expect(try client.endsInOrder(), "reset after: \(excess.first)")
    }
  }

  @Test(arguments: [
    ["-k", "sync"], ["-k", "green", "--worker-connections", "1"], ["-k", "thread", "--threads", "1"],
  ])
  func aRefusedClientThatStaysHoldsNobodyUp(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let start = Date()
    let refused = try (0..<15).map { _ in
      let client = try Client(port: server.port)
      #expect(try client.exchange("NONSENSE\r\n\r\n").status == 400)
      return client
    }
    #expect(try get(server.port, "/pid").status == 200)
    #expect(Date().timeIntervalSince(start) < 10, "each is lingered for over a second, but not one after the other")
    for client in refused { #expect(try client.endsInOrder()) }
  }

  @Test(arguments: [["-k", "green"], ["-k", "thread", "--threads", "40"]])
  func stoppingLosesNoRequestOfABusyConnection(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--keep-alive", "10"])
    let port = server.port
    let begun = NSLock()
    nonisolated(unsafe) var answers = 0
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { kill(server.pid, SIGTERM) }
    let results = atOnce(34) { index in
      let client = try Client(port: port)
      var isLast = false
      while !isLast {
        isLast = try client.get("/sleep/\(index % 7)").closes
        begun.withLock { answers += 1 }
        usleep(UInt32(index % 10) * 3_000)
      }
      return try client.endsInOrder()
    }
    for result in results { #expect(try result.get()) }
    #expect(server.waitForEnd() == 0)
    #expect(answers > 68)
  }
}

import Foundation
import Green
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
      // For a second the server reads on from a client that may still be sending.
      let endsInOrder = try holds(within: 1) {
        let client = try Client(port: server.port)
        try client.send(Array(excess.first.utf8))
        usleep(30_000)
        try client.send(Array(excess.later.utf8))
        usleep(200_000)
        return try client.receive().closes && client.endsInOrder()
      }
      #expect(endsInOrder, "after: \(excess.first)")
    }
  }

  @Test(arguments: [
    ["-k", "sync"], ["-k", "green", "--worker-connections", "1"], ["-k", "thread", "--threads", "1"],
  ])
  func aRefusedClientThatStaysHoldsNobodyUp(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let start = Deadline.now
    let refused = try (0..<15).map { _ in
      let client = try Client(port: server.port)
      #expect(try client.exchange("NONSENSE\r\n\r\n").status == 400)
      return client
    }
    #expect(try get(server.port, "/pid").status == 200)
    #expect(start.secondsAgo < 14, "each is lingered for over a second, but not one after the other")
    for client in refused { #expect(try client.endsInOrder()) }
  }

  @Test(arguments: [["-k", "green"], ["-k", "thread", "--threads", "40"]])
  func stoppingLosesNoRequestOfABusyConnection(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let port = server.port
    let answers = Mutex([Int](repeating: 0, count: 34))
    Thread.detachNewThread {
      // When all are connected and busy.
      _ = comesTrue { answers.withLock { $0.allSatisfy { $0 > 1 } } }
      kill(server.pid, SIGTERM)
    }
    let results = atOnce(34) { index in
      try Self.askToTheEnd(port, index) { answers.withLock { $0[index] += 1 } }
    }
    for result in results { #expect(try result.get()) }
    #expect(server.waitForEnd() == 0)
    let all = answers.withLock { $0.reduce(0, +) }
    #expect(all > 68)
  }

  /// Asks until an answer is said to be the last; whether the connection ends in order then.
  private static func askToTheEnd(_ port: UInt16, _ index: Int, noting note: () -> Void) throws -> Bool {
    let client = try Client(port: port)
    let request = Array("GET /sleep/\(index % 7) HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
    var previous = Deadline.now
    while true {
      let begin = Deadline.now
      var sent: Deadline?
      do {
        try client.send(request)
        sent = .now
        let answer = try client.receive()
        note()
        if answer.closes { return try client.endsInOrder() }
      } catch {
        // For so long a server that stops waits for the next request of a client. From before the one until after the other:
        // this thread may have been stopped at any point.
        guard (sent ?? .now).nanoseconds - previous.nanoseconds >= 100_000_000 else { throw error }
        return true
      }
      previous = begin
      usleep(UInt32(index % 10) * 3_000)
    }
  }
}

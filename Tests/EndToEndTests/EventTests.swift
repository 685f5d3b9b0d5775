import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Server-sent events and clients that have gone, in servers.
@Suite(.serialized, .bounded) struct EventTests {
  @Test(arguments: everyClass)
  func curlReadsEventsAsTheyCome(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let url = "http://127.0.0.1:\(server.port)/events/3"
    for extra in [[], ["-0"], ["-H", "Last-Event-ID: 7"]] {
      let outcome = try Program(system: "curl").run(["-sSN", "--max-time", "60"] + extra + [url])
      let first = extra.count == 2 ? 8 : 1
      let events = (first..<first + 3).map { "event: tick\nid: \($0)\ndata: {\"number\":\($0)}\n\n" }
      #expect(outcome.status == 0 && outcome.output == events.joined(), "\(outcome.errors)")
    }
  }

  @Test(arguments: ["/events/1000", "/abandoned"])
  func aClientThatHasGoneEndsTheWork(_ path: String) throws {
    let server = try Server(["-k", "green"])
    do {
      let client = try Client(port: server.port)
      try client.send(Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      try server.waitForBegun()
    }
    #expect(server.logged("the work has ended"))
    #expect(!server.log.contains("failed"))
    #expect(try get(server.port, "/pid").status == 200)
  }
}

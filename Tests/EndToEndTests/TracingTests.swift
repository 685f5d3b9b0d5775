import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A request's id is in every line that its code logs, wherever that runs, and in no other's.
@Suite(.serialized, .bounded) struct TracingTests {
  @Test(arguments: everyClass)
  func everyLineOfARequestBearsItsID(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let port = server.port
    let isGreen = arguments.contains("green")
    let answers = atOnce(20) { index in
      let sent = index % 2 == 0 ? "X-Request-ID: client-\(index)\r\n" : ""
      let id = try Client(port: port).exchange("GET /traced/m\(index)m HTTP/1.1\r\nHost: test\r\n\(sent)\r\n").body
      return (index, id)
    }
    let ids = try answers.map { try $0.get() }
    #expect(Set(ids.map(\.1)).count == 20)
    let places =
      ["handler", "background", "child task", "fiber of a task", "task"] + (isGreen ? ["fiber", "thread"] : [])
    for (index, id) in ids {
      #expect(index % 2 == 0 ? id == "client-\(index)" : id.count == 16, "\(id)")
      for place in places {
        #expect(server.logged("m\(index)m \(place) request.id=\(id)\n"), "\(place) of \(index): \(server.log)")
      }
      #expect(server.logged("m\(index)m end of true request.id=\(id)\n"))
    }
  }

  @Test func whatIsNotFitForALogIsNoID() throws {
    let server = try Server(["-k", "green"])
    for bad in ["a b", "a\"b", "\u{e9}", "", String(repeating: "x", count: 129)] {
      let request = "GET /traced/x HTTP/1.1\r\nHost: test\r\nX-Request-ID: \(bad)\r\n\r\n"
      let id = try Client(port: server.port).exchange(request).body
      #expect(id.count == 16 && id != bad, "\(bad): \(id)")
    }
  }

  /// Whoever else could name its requests could have its lines taken for another's.
  @Test func onlyATrustedProxyNamesRequests() throws {
    let server = try Server(["-k", "green", "--forwarded-allow-ips", "10.0.0.1"])
    let request = "GET /traced/m1m HTTP/1.1\r\nHost: test\r\nX-Request-ID: mine\r\n\r\n"
    let id = try Client(port: server.port).exchange(request).body
    #expect(id.count == 16 && id != "mine", "\(id)")
  }

  @Test func everyLineOfARequestBearsItsTrace() throws {
    let server = try Server(["-k", "green"])
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    let request = "GET /traced/m1m HTTP/1.1\r\nHost: test\r\ntraceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n\r\n"
    let id = try Client(port: server.port).exchange(request).body
    for place in ["handler", "background", "task"] {
      #expect(server.logged("m1m \(place) request.id=\(id) trace.id=\(trace)\n"), "\(place): \(server.log)")
    }
  }
}

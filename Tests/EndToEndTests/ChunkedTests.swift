import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Requests whose length nobody knows, and connections that change their protocol, in every worker class.
@Suite(.serialized, .bounded) struct ChunkedTests {
  @Test(arguments: everyClass)
  func curlSendsABodyOfUnknownLength(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let body = String(repeating: "0123456789", count: 50_000)
    let file = NSTemporaryDirectory() + "chunked-\(server.pid)"
    try body.write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let url = "http://127.0.0.1:\(server.port)"
    // Two requests on one connection, where there is more than one.
    for extra in ["", "-H 'Expect: 100-continue'"] {
      let command =
        "curl -sS --max-time 60 -X POST \(extra) -T - \(url)/echo < \(file); echo;"
        + "curl -sS --max-time 60 -X POST \(extra) -H 'Transfer-Encoding: chunked' --data-binary @\(file) "
        + "\(url)/echo -o /dev/null --next -sS --max-time 60 \(url)/pid -o /dev/null -w '%{response_code}'"
      let outcome = try Program(system: "bash").run(["-c", command])
      #expect(outcome.status == 0 && outcome.output == body + "\n200", "\(outcome.errors)")
    }
  }

  @Test(arguments: everyClass)
  func theBodyIsReadWhereverTheCutsAre(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let client = try Client(port: server.port)
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for byte in (head + "5;a=b\r\nHello\r\n6\r\n World\r\n0\r\nX: 1\r\n\r\n").utf8 {
      try client.send([byte])
      usleep(200)
    }
    let answer = try client.receive()
    #expect(answer.status == 200 && answer.body == "Hello World")
    let other = try Client(port: server.port)
    let refused = try other.exchange(head + "5\r\nHello\n0\r\n\r\nGET /pid HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(refused.status == 400 && refused.closes)
    #expect(try other.endsInOrder(), "the answer is the last, and the connection is not reset")
  }

  @Test(arguments: everyClass)
  func aConnectionGoesOnInAnotherProtocol(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let client = try Client(port: server.port)
    let upgrade = "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
    // What is sent back is in the form of an answer, so that the client reads it.
    let message = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello"
    let first = try client.exchange(upgrade + message)
    #expect(first.status == 101 && first.head.contains("Upgrade: echo"))
    #expect(try client.receive().body == "Hello")
    #expect(try client.exchange(message).body == "Hello")
    #expect(try Client(port: server.port).get("/upgrade").status == 426)
  }
}

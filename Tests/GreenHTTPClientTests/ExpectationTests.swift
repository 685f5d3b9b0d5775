import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// RFC 9110, 10.1.1, and answers that come before all has been sent.
@Suite(.bounded) struct ExpectationTests {
  private let large = [UInt8](repeating: 7, count: 2 << 20)

  @Test func aLargeBodyWaitsForLeave() throws {
    try onHub {
      let large = large
      try withServer(
        Handler { request in
          guard request.rawPath == "/read" else { return Response("no", status: .forbidden) }
          return Response("\(request.header(.expect) ?? "-") \(try request.body.bytes().count)")
        }
      ) { url, _ throws in
        let client = client { $0.continueTimeout = .seconds(60) }
        #expect(try client.post(url + "/read", body: .bytes(large)).text() == "100-continue \(large.count)")
        let refused = try client.post(url + "/refuse", body: .stream { _ in Issue.record("it was not wanted") })
        #expect(try refused.status == .forbidden && refused.text() == "no")
        #expect(try client.post(url + "/read", body: .text("x")).text() == "- 1")
      }
    }
  }

  @Test func leaveThatDoesNotComeIsNotNeeded() throws {
    try onHub {
      let count = large.count
      try withRawServer({ connection in
        let head = try connection.head()
        #expect(head.contains("Expect: 100-continue\r\n"))
        try connection.body(count)
        try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }) { url throws in
        #expect(try client { $0.continueTimeout = .milliseconds(20) }.post(url, body: .bytes(large)).text() == "ok")
      }
    }
  }

  @Test func aServerThatDoesNotKnowItIsAskedWithout() throws {
    try onHub {
      let count = large.count
      try withRawServer({ connection in
        let head = try connection.head()
        if head.contains("Expect") {
          try connection.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
        } else {
          try connection.body(count)
          try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
      }) { url throws in
        #expect(try client { $0.continueTimeout = .seconds(60) }.post(url, body: .bytes(large)).text() == "ok")
      }
    }
  }

  @Test func anAnswerThatComesEarlyEndsTheSending() throws {
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.body(10_000)
        try connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
        try connection.awaitEnd()
      }) { url throws in
        let client = client { $0.expectContinueFrom = .max }
        let sent = Guarded(0)
        let answer = try client.post(
          url,
          body: .stream { body in
            while sent.withLock({ $0 }) < 1 << 30 {
              try body.write([UInt8](repeating: 1, count: 65_536))
              sent.withLock { $0 += 65_536 }
              Fiber.yield()
            }
          })
        #expect(try answer.status.code == 413 && answer.text() == "big")
        #expect(sent.withLock { $0 } < 1 << 29)
      }
    }
  }

  @Test func aServerThatClosesMayHaveSaidWhy() throws {
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nwhy")
        connection.socket.shutdown(1)
        try connection.body(300_000)
      }) { url throws in
        let client = client { $0.expectContinueFrom = .max }
        let answer = try client.post(url, body: .bytes([UInt8](repeating: 1, count: 20_000_000)))
        #expect(try answer.status.code == 400 && answer.text() == "why")
      }
    }
  }

  @Test func whatTheProducerThrowsComesOut() throws {
    struct Broken: Error {}
    try onHub {
      try withServer(Handler.echo) { url, _ throws in
        let client = client { $0.expectContinueFrom = .max }
        #expect(throws: Broken.self) {
          try client.post(
            url,
            body: .stream {
              try $0.write("some")
              throw Broken()
            })
        }
        #expect(try client.get(url).text() == "GET / ")
      }
    }
  }
}

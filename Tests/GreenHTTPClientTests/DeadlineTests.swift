import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Who is too slow, and who has been called off.
@Suite(.bounded) struct DeadlineTests {
  @Test func aServerThatDoesNotAnswerIsGivenUp() throws {
    try onTimelessHub {
      try withRawServer({ try $0.awaitEnd() }) { url throws in
        #expect(throws: HTTPClientError.timedOut(.response)) {
          try client { $0.progressTimeout = .milliseconds(30) }.get(url)
        }
        #expect(throws: HTTPClientError.timedOut(.response)) { try client().get(url, until: .after(.milliseconds(30))) }
        #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(30)) { try client().get(url) } }
      }
    }
  }

  @Test func aServerThatStopsInTheMiddleIsGivenUp() throws {
    try onTimelessHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        try connection.awaitEnd()
      }) { url throws in
        let answer = try client { $0.progressTimeout = .milliseconds(50) }.get(url)
        #expect(throws: HTTPClientError.timedOut(.body)) { try answer.bytes() }
        let other = try client().get(url, until: .after(.milliseconds(50)))
        #expect(throws: HTTPClientError.timedOut(.body)) { try other.bytes() }
      }
      try withRawServer({ connection in
        try connection.head()
        for byte in "HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 1000))".utf8 {
          try connection.send([byte])
          try Fiber.sleep(for: .milliseconds(5))
        }
      }) { url throws in
        #expect(throws: HTTPClientError.timedOut(.response)) {
          try client { $0.progressTimeout = .milliseconds(60) }.get(url)
        }
      }
    }
  }

  @Test func aServerThatGoesOnIsNotGivenUp() throws {
    try onTimelessHub {
      try withServer(
        Handler { _ in
          Response(
            body: .stream(
              StreamedBody { body in
                for _ in 0..<20 {
                  try body.write("x")
                  try Fiber.sleep(for: .milliseconds(20))
                }
              }))
        }
      ) { url, _ throws in
        #expect(
          try client { $0.progressTimeout = .milliseconds(200) }.get(url).text() == String(repeating: "x", count: 20))
      }
    }
  }

  @Test func aServerThatTakesNothingIsGivenUp() throws {
    try onTimelessHub {
      try withRawServer({ connection in
        try connection.head()
        try Fiber.sleep(for: .seconds(5))
      }) { url throws in
        let client = client {
          $0.progressTimeout = .milliseconds(100)
          $0.expectContinueFrom = .max
        }
        #expect(throws: HTTPClientError.timedOut(.sending)) {
          try client.post(url, body: .bytes([UInt8](repeating: 1, count: 30_000_000)))
        }
      }
    }
  }

  @Test func whereNobodyListensItIsSaidAtOnce() throws {
    try onHub {
      // A port that was free a moment ago may be another test's by now.
      _ = #expect(throws: ConnectError.self) { try client().get("http://127.0.0.1:1") }
    }
  }

  @Test func cancellingClosesTheConnection() throws {
    try onHub {
      let (begun, gone) = (Event(), Event())
      try withRawServer({ connection in
        try connection.head()
        begun.set()
        if connection.number == 1 {
          try connection.awaitEnd()
          gone.set()
        }
        try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }) { url throws in
        let client = client { $0.connectionsPerHost = 1 }
        let asking = Fiber.spawn { try client.get(url) }
        try begun.wait(until: .after(.seconds(60)))
        asking.cancel()
        #expect(throws: CancellationError.self) { _ = try asking.value }
        try gone.wait(until: .after(.seconds(60)))
        #expect(try client.get(url).text() == "ok")
      }
    }
  }
}

import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Servers that break the rules: each is an error that says what is wrong, and none holds the client up.
@Suite(.bounded) struct HostileServerTests {
  private func malformed(_ answer: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.send(answer)
      }) { url throws in
        #expect(sourceLocation: sourceLocation) {
          _ = try client().get(url).bytes()
        } throws: { error in
          if case HTTPClientError.malformedResponse = error { true } else { false }
        }
      }
    }
  }

  @Test(arguments: [
    "HTTP/1.1\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "HTTP/1.1 200OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n",
    "ICY 200 OK\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n", "HTTP/1.1 200 O\u{1}K\r\n\r\n",
    "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nA: b\n\r\n", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\u{0}c\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b", "HTTP/1.1 20",
  ])
  func aMalformedAnswerIsAnError(_ answer: String) throws { try malformed(answer) }

  @Test func headsAreBounded() throws {
    try malformed("HTTP/1.1 200 " + String(repeating: "x", count: 200_000))
    try malformed("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 200_000))
    try malformed("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 501) + "\r\n")
    try malformed(
      "HTTP/1.1 200 OK\r\n" + String(repeating: "A: \(String(repeating: "x", count: 1000))\r\n", count: 200))
    try malformed(String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 1000))
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 3, 10),
    ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 0, 10),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 3, nil),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", 3, nil),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", 3, nil),
  ])
  func aTruncatedBodyIsAnError(_ answer: String, _ received: Int, _ length: Int?) throws {
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.send(answer)
      }) { url throws in
        let answer = try client().get(url)
        for _ in 0..<2 {
          #expect(throws: HTTPClientError.truncated(received: received, of: length)) { try answer.bytes() }
        }
      }
    }
  }

  @Test func theOutcomeDoesNotDependOnHowTheBytesCome() throws {
    let answer = Array(
      ("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\n"
        + "Transfer-Encoding: Chunked\r\n\r\n4;a=\"b\"\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX-T: t\r\n\r\n")
        .utf8)
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        for byte in answer {
          try connection.send([byte])
          Fiber.yield()
        }
        try connection.awaitEnd()
      }) { url throws in
        let hints = Guarded<[String]>([])
        var request = HTTPClientRequest(.get, url)
        request.onInterimResponse = { hint in
          hints.withLock { $0.append("\(hint.status.code) \(hint.headerFields[.init("Link")!] ?? "")") }
        }
        let answer = try client().send(request)
        #expect(try answer.text() == "Wikipedia in \r\n\r\nchunks.")
        #expect(answer.headers[values: .init("X-A")!] == ["1", "2"] && answer.body.trailers[.init("X-T")!] == "t")
        #expect(answer.status.reasonPhrase == "Fine" && hints.withLock { $0 } == ["103 <a>"])
      }
    }
  }

  @Test func whatHasNoContentHasNone() throws {
    try onHub {
      for (method, answer) in [
        (HTTPRequest.Method.head, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        (.head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), (.get, "HTTP/1.1 204 No Content\r\n\r\n"),
        (.get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"),
        (.get, "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
      ] {
        try withRawServer({ connection in
          while try connection.head() != "" { try connection.send(answer) }
        }) { url throws in
          let client = client { $0.connections = 1 }
          for _ in 0..<3 { #expect(try client.send(HTTPClientRequest(method, url)).bytes() == []) }
        }
      }
    }
  }

  @Test func contentMayEndWithTheConnection() throws {
    try onHub {
      try withRawServer({ connection in
        try connection.head()
        try connection.send("HTTP/1.0 200 OK\r\n\r\nall of it")
      }) { url throws in
        let client = HTTPClient()
        #expect(try client.get(url).text() == "all of it")
        #expect(try client.get(url).text() == "all of it")
      }
    }
  }

  @Test func whatIsTooLongIsNotCollected() throws {
    try onHub {
      try withServer(Handler { _ in Response([UInt8](repeating: 1, count: 100_000)) }) { url, _ throws in
        let client = client { $0.maximumContent = 1000 }
        #expect(throws: HTTPClientError.tooLong(limit: 1000)) { try client.get(url).bytes() }
        #expect(throws: HTTPClientError.tooLong(limit: 99_999)) { try client.get(url).bytes(upTo: 99_999) }
        #expect(try client.get(url).bytes(upTo: 100_000).count == 100_000)
      }
    }
  }

  /// What follows an answer was not asked for: it must not be the answer to the next request.
  @Test func anAnswerThatWasNotAskedForIsNobodys() throws {
    try onHub {
      try withRawServer({ connection in
        while try connection.head() != "" {
          try connection.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright" + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        }
      }) { url throws in
        let client = HTTPClient()
        for _ in 0..<5 { #expect(try client.get(url).text() == "right") }
      }
      // And where it comes later.
      try withRawServer({ connection in
        while try connection.head() != "" {
          try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright")
          try Fiber.sleep(for: .milliseconds(20))
          try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        }
      }) { url throws in
        let client = HTTPClient()
        for _ in 0..<3 {
          #expect(try client.get(url).text() == "right")
          try Fiber.sleep(for: .milliseconds(60))
        }
      }
    }
  }
}

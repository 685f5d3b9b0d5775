import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// What is made of a content.
@Suite(.bounded) struct ContentTests {
  private func ask(_ content: String, _ body: @escaping (HTTPClientResponse) throws -> Void) throws {
    try ask(Array(content.utf8), body)
  }

  private func ask(_ content: [UInt8], _ body: @escaping (HTTPClientResponse) throws -> Void) throws {
    try onHub {
      try withServer(Handler { _ in Response(content) }) { url, _ throws in try body(try client().get(url)) }
    }
  }

  @Test func itIsReadAsLines() throws {
    try ask("one\ntwo\r\n\nlast") { answer throws in
      var lines = answer.body.lines()
      var read: [String] = []
      while let line = try lines.next() { read.append(line) }
      #expect(read == ["one", "two", "", "last"])
    }
    try ask("short\n" + String(repeating: "x", count: 100)) { answer throws in
      var lines = answer.body.lines(longest: 50)
      #expect(try lines.next() == "short")
      #expect(throws: HTTPClientError.tooLong(limit: 50)) { try lines.next() }
    }
  }

  @Test func itIsDecoded() throws {
    try ask(#"{"a": [1, 2]}"#) { answer throws in #expect(try answer.json([String: [Int]].self) == ["a": [1, 2]]) }
    try ask("[1, ") { answer throws in #expect(throws: DecodingError.self) { try answer.json([Int].self) } }
    try ask(String(repeating: "[", count: 200)) { answer throws in
      #expect {
        try answer.json([Int].self)
      } throws: { error in
        if case HTTPClientError.undecodable = error { true } else { false }
      }
    }
    try ask([0xff, 0xfe]) { answer throws in
      #expect(throws: HTTPClientError.undecodable("the content is not UTF-8")) { try answer.text() }
    }
  }

  @Test func itIsReadPieceByPiece() throws {
    try ask(String(repeating: "0123456789", count: 30_000)) { answer throws in
      #expect(try answer.body.read(upTo: 10) == Array("0123456789".utf8))
      var count = 10
      while case let piece = try answer.body.read(), !piece.isEmpty { count += piece.count }
      #expect(try count == 300_000 && answer.body.read() == [])
    }
  }

  @Test func anAnswerThatIsOverIsNotTheNext() throws {
    try onHub {
      try withServer(Handler { Response($0.target) }) { url, _ throws in
        let client = client { $0.connectionsPerHost = 1 }
        let first = try client.get(url + "/1")
        #expect(try first.text() == "/1")
        let second = try client.get(url + "/2")
        #expect(try first.text() == "" && second.text() == "/2")
      }
    }
  }

  @Test func statusesAreAnErrorWhereThatIsAskedFor() throws {
    try onHub {
      try withServer(Handler { Response(status: $0.target == "/no" ? .notFound : .ok) }) { url, _ throws in
        #expect(try client().get(url).successful().status == .ok)
        #expect(throws: HTTPClientError.unsuccessful(status: 404)) { try client().get(url + "/no").successful() }
      }
    }
  }
}

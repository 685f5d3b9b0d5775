import GreenHTTP
import SuiteSupport
import Testing

/// Each rule that the framing of a chunked body can break, and what must be taken: whole, byte by byte and in random pieces.
@Suite(.bounded) struct ChunkSmugglingTests {
  struct Case: CustomStringConvertible, Sendable {
    let description: String
    let body: String
    /// The content, and the trailers; `nil` where it must be refused.
    let content: String?

    init(_ description: String, _ body: String, is content: String? = nil) {
      self.description = description
      self.body = body
      self.content = content
    }
  }

  static let acceptedBodies: [Case] = [
    Case("no content", "0\r\n\r\n", is: ""),
    Case("one chunk", "5\r\nHello\r\n0\r\n\r\n", is: "Hello"),
    Case("two chunks", "5\r\nHello\r\n6\r\n World\r\n0\r\n\r\n", is: "Hello World"),
    Case("a size in lower case", "a\r\n0123456789\r\n0\r\n\r\n", is: "0123456789"),
    Case("a size in upper case", "A\r\n0123456789\r\n0\r\n\r\n", is: "0123456789"),
    Case("zeros before a size", "0005\r\nHello\r\n0\r\n\r\n", is: "Hello"),
    Case("sixteen digits", "0000000000000005\r\nHello\r\n0\r\n\r\n", is: "Hello"),
    Case("several zeros at the end", "1\r\na\r\n000\r\n\r\n", is: "a"),
    Case("content that looks like an end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", is: "0\r\n\r\n"),
    Case(
      "content that looks like a request", "13\r\nGET /x HTTP/1.1\r\n\r\n\r\n0\r\n\r\n", is: "GET /x HTTP/1.1\r\n\r\n"),
    Case("an extension", "1;a\r\nb\r\n0\r\n\r\n", is: "b"),
    Case("an extension with a value", "1;a=b\r\nb\r\n0;c=d;e\r\n\r\n", is: "b"),
    Case("an extension with a quoted value", "1;a=\"b c;\\\"\\r\\n\"\r\nb\r\n0\r\n\r\n", is: "b"),
    Case(
      "an object store's signature", "1;chunk-signature=\(String(repeating: "0f", count: 32))\r\nb\r\n0\r\n\r\n",
      is: "b"),
    Case("a trailer", "0\r\nX: 1\r\n\r\n", is: " X=1"),
    Case("two trailers", "1\r\na\r\n0\r\nX: 1\r\nY:2 \r\n\r\n", is: "a X=1 Y=2"),
  ]

  static let refusedBodies: [Case] =
    [
      Case("no size", "\r\nHello\r\n0\r\n\r\n"),
      Case("a size that is no number", "x\r\nHello\r\n0\r\n\r\n"),
      Case("a size with a sign", "+5\r\nHello\r\n0\r\n\r\n"),
      Case("a negative size", "-1\r\nHello\r\n0\r\n\r\n"),
      Case("a size with 0x", "0x5\r\nHello\r\n0\r\n\r\n"),
      Case("a size with a point", "5.0\r\nHello\r\n0\r\n\r\n"),
      Case("a size with _", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
      Case("a blank before a size", " 5\r\nHello\r\n0\r\n\r\n"),
      Case("a blank after a size", "5 \r\nHello\r\n0\r\n\r\n"),
      Case("a tab after a size", "5\t\r\nHello\r\n0\r\n\r\n"),
      Case("a blank in a size", "0 5\r\nHello\r\n0\r\n\r\n"),
      Case("a blank after the last size", "0 \r\n\r\n"),
      Case("a comma in a size", "5,5\r\nHello\r\n0\r\n\r\n"),
      Case("seventeen digits", "00000000000000005\r\nHello\r\n0\r\n\r\n"),
      Case("a size that overflows 64 bits", "10000000000000005\r\nHello\r\n0\r\n\r\n"),
      Case("a size that overflows 32 bits to 5", "ffffffff00000005\r\nHello\r\n0\r\n\r\n"),
      Case("a size that is -1", "ffffffffffffffff\r\nHello\r\n0\r\n\r\n"),
      Case("a size just above Int", "8000000000000000\r\nHello\r\n0\r\n\r\n"),
      Case("NUL in a size", "5\0\r\nHello\r\n0\r\n\r\n"),
      Case("a digit of another script", "\u{ff15}\r\nHello\r\n0\r\n\r\n"),
      Case("LF after a size", "5\nHello\r\n0\r\n\r\n"),
      Case("CR after a size", "5\rHello\r\n0\r\n\r\n"),
      Case("CR CR LF after a size", "5\r\r\nHello\r\n0\r\n\r\n"),
      Case("LF after the last size", "0\n\r\n"),
      Case("LF after content", "5\r\nHello\n0\r\n\r\n"),
      Case("CR after content", "5\r\nHello\r0\r\n\r\n"),
      Case("nothing after content", "5\r\nHello0\r\n\r\n"),
      Case("more content than the size says", "5\r\nHello!\r\n0\r\n\r\n"),
      Case("less content than the size says", "6\r\nHello\r\n0\r\n\r\n"),
      Case("an empty line after content", "5\r\nHello\r\n\r\n0\r\n\r\n"),
      Case("LF at the end", "0\r\n\n"),
      Case("CR at the end", "0\r\n\rX"),
      Case("two LF at the end", "0\n\n"),
      Case("an empty extension", "5;\r\nHello\r\n0\r\n\r\n"),
      Case("an extension without a name", "5;=a\r\nHello\r\n0\r\n\r\n"),
      Case("an extension without its value", "5;a=\r\nHello\r\n0\r\n\r\n"),
      Case("a blank before an extension", "5 ;a\r\nHello\r\n0\r\n\r\n"),
      Case("a blank in an extension", "5; a\r\nHello\r\n0\r\n\r\n"),
      Case("LF in an extension", "5;a\nHello\r\n0\r\n\r\n"),
      Case("LF after an extension's value", "5;a=b\nHello\r\n0\r\n\r\n"),
      Case("LF in a quoted value", "5;a=\"\n\"\r\nHello\r\n0\r\n\r\n"),
      Case("CR LF in a quoted value", "5;a=\"\r\n0\r\n\r\n\"\r\nHello\r\n0\r\n\r\n"),
      Case("a quoted value with more after it", "5;a=\"b\"c\r\nHello\r\n0\r\n\r\n"),
      Case("NUL in an extension", "5;a\0\r\nHello\r\n0\r\n\r\n"),
      Case("an extension that is no token", "5;a(b\r\nHello\r\n0\r\n\r\n"),
      Case("a line that is too long", "5;\(String(repeating: "a", count: 1_100))\r\nHello\r\n0\r\n\r\n"),
      Case(
        "more framing than content",
        String(repeating: "1;\(String(repeating: "a", count: 900))\r\nb\r\n", count: 30) + "0\r\n\r\n"),
      Case("a trailer with a blank before its colon", "0\r\nX : 1\r\n\r\n"),
      Case("a folded trailer", "0\r\nX: 1\r\n 2\r\n\r\n"),
      Case("a folded first trailer", "0\r\n X: 1\r\n\r\n"),
      Case("a trailer without a colon", "0\r\nX\r\n\r\n"),
      Case("a trailer that ends in LF", "0\r\nX: 1\n\r\n"),
      Case("trailers that end in LF", "0\r\nX: 1\r\n\n"),
      Case("a control character in a trailer", "0\r\nX: a\u{1}\r\n\r\n"),
      Case("NUL in a trailer", "0\r\nX: a\0b\r\n\r\n"),
      Case("a request in the place of trailers", "0\r\nGET /x HTTP/1.1\r\n\r\n"),
    ]
    + [
      "Content-Length: 5", "Transfer-Encoding: chunked", "Host: b", "Connection: close", "Trailer: X", "Cookie: a=b",
      "Authorization: x", "Content-Type: text/html", "Expect: 100-continue", "Upgrade: h2c",
    ].map { Case("\($0) as a trailer", "0\r\n\($0)\r\n\r\n") }

  private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

  /// What must be the same however the bytes come.
  private func answers(_ text: String, with handler: Handler) -> [[Answer]] {
    let bytes = Array(text.utf8)
    return [serve(text, with: handler)] + [nil, 1, 2, 3, 4].map { serve(.pieces(bytes, seed: $0), with: handler) }
  }

  @Test("is taken, and so is what follows", arguments: acceptedBodies)
  func taken(_ body: Case) {
    let text = ChunkedBodyTests.head + "\r\n" + body.body + Self.smuggled
    for answers in answers(text, with: ChunkedBodyTests.reading) {
      #expect(answers.map(\.status) == [200, 200])
      #expect(answers.map(\.body) == [body.content, "/smuggled"])
    }
    for answers in answers(text, with: Handler { Response($0.target) }) {
      #expect(answers.map(\.body) == ["/", "/smuggled"], "unread, it is skipped")
    }
  }

  @Test("is refused, and nothing that follows is taken for a request", arguments: refusedBodies)
  func refused(_ body: Case) {
    let text = ChunkedBodyTests.head + "\r\n" + body.body + Self.smuggled
    let all = answers(text, with: ChunkedBodyTests.reading)
    for answers in all {
      #expect(answers.map(\.status) == [400])
      #expect(answers == all[0])
      #expect(answers.first?["Connection"] == ["close"])
    }
    for answers in answers(text, with: Handler { Response($0.target) }) {
      #expect(answers.map(\.body) == ["/"], "unread, it ends the connection")
    }
  }

  static let refusedHeads: [(String, Int)] = [
    ("Transfer-Encoding: chunked\r\nContent-Length: 5", 400), ("Content-Length: 5\r\nTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked, chunked", 400),
    ("Transfer-Encoding: ,chunked", 400), ("Transfer-Encoding: chunked,", 400), ("Transfer-Encoding:", 400),
    ("Transfer-Encoding : chunked", 400), ("Transfer-Encoding: \u{b}chunked", 400),
    // The last coding decides whether the body's end can be known (RFC 9112, 6.3); then whether all are (6.1).
    ("Transfer-Encoding: gzip", 400), ("Transfer-Encoding: gzip, chunked", 501),
    ("Transfer-Encoding: chunked, gzip", 400), ("Transfer-Encoding: identity", 400),
    ("Transfer-Encoding: identity, chunked", 501), ("Transfer-Encoding: gzip, chunked, chunked", 501),
    ("Transfer-Encoding: xchunked", 400), ("Transfer-Encoding: chunkedx", 400), ("Transfer-Encoding: \"chunked\"", 400),
    ("Transfer-Encoding: chunked;q=1", 400), ("Transfer-Encoding: chunked chunked", 400),
    ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501),
    ("Transfer-Encoding: gzip, chunked\r\nTransfer-Encoding: br, deflate", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", 400),
    ("Transfer-Encoding: chun\r\n ked", 400),
  ]

  @Test("a framing that cannot be relied on is refused", arguments: refusedHeads)
  func head(_ fields: String, _ status: Int) {
    let text = "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\n" + Self.smuggled
    for answers in answers(text, with: ChunkedBodyTests.reading) {
      #expect(answers.map(\.status) == [status])
      #expect(answers.first?["Connection"] == ["close"])
    }
  }

  @Test(arguments: ["chunked", "Chunked", "CHUNKED", " \tchunked\t "])
  func theCodingsNameHasNoCase(_ name: String) {
    let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\(name)\r\n\r\n1\r\na\r\n0\r\n\r\n" + Self.smuggled
    for answers in answers(text, with: ChunkedBodyTests.reading) {
      #expect(answers.map(\.body) == ["a", "/smuggled"])
    }
  }

  @Test func http10KnowsNoTransferCodings() {
    let text =
      "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Self.smuggled
    for answers in answers(text, with: ChunkedBodyTests.reading) { #expect(answers.map(\.status) == [400]) }
  }

  @Test func tooManyOrTooLongTrailersAreRefused() {
    var configuration = HTTPConfiguration()
    configuration.limits.fields = 3
    configuration.limits.fieldLine = 50
    func status(_ trailers: String) -> [Int] {
      serve(
        ChunkedBodyTests.head + "\r\n0\r\n\(trailers)\r\n", with: ChunkedBodyTests.reading, configuration: configuration
      ).map(\.status)
    }
    #expect(status("A: 1\r\nB: 2\r\nC: 3\r\n") == [200])
    #expect(status("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n") == [431])
    #expect(status("A: \(String(repeating: "a", count: 60))\r\n") == [431])
  }
}

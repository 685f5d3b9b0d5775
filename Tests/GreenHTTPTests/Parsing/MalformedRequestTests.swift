import GreenHTTP
import SuiteSupport
import Testing

/// Each rule that a request can break: the answer has the right status, says so, and is the connection's last.
@Suite(.bounded) struct MalformedRequestTests {
  struct Case: CustomStringConvertible, Sendable {
    let description: String
    let request: String
    let status: Int

    init(_ description: String, _ request: String, _ status: Int) {
      self.description = description
      self.request = request
      self.status = status
    }
  }

  static let cases: [Case] = [
    Case("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    Case("a bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
    Case("a bare LF at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    Case("a bare LF before the request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    Case("a bare CR in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\rY: b\r\n\r\n", 400),
    Case("a bare CR before the request", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("obsolete folding", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    Case("folding of the first field", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", 400),
    Case("a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    Case("an empty field name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    Case("a field without a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
    Case("no token in a name", "GET / HTTP/1.1\r\nHost: a\r\nX(Y): b\r\n\r\n", 400),
    Case("a byte above ASCII in a name", "GET / HTTP/1.1\r\nHost: a\r\nXé: b\r\n\r\n", 400),
    Case("no token in the method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a control character in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", 400),
    Case("a control character late in a long value", "GET / HTTP/1.1\r\nHost: a\r\nX: abcdefghijk\u{7f}\r\n\r\n", 400),
    Case("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    Case("NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", 400),
    Case("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a byte above ASCII in the target", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a space at the end of the request line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    Case("a TLS handshake", "\u{16}\u{3}\u{1}", 400),

    Case("a target that is no path", "GET index HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an absolute target without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("user information in a target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),

    Case("HTTP/0.9", "GET /\r\n\r\n", 400),
    Case("HTTP/0.9 by name", "GET / HTTP/0.9\r\n\r\n", 505),
    Case("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    Case("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Case("HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
    Case("http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    Case("HTTP/x.1", "GET / HTTP/x.1\r\nHost: a\r\n\r\n", 400),

    Case("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
    Case("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    Case("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400),
    Case("a Host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),

    Case("a Content-Length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400),
    Case("a negative Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\na", 400),
    Case("an empty Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
    Case("a hexadecimal Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na", 400),
    Case("a space in Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\na", 400),
    Case("a list in Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na", 400),
    Case(
      "a Content-Length that overflows",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
    Case(
      "a Content-Length just past Int", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400
    ),
    Case(
      "Content-Length twice, equal",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\na", 400),
    Case(
      "Content-Length with Transfer-Encoding",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    Case(
      "Transfer-Encoding with Content-Length",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400),
    Case(
      "a Transfer-Encoding that is not known",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    Case(
      "a Transfer-Encoding that does not end in chunked",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 400),
    Case("an unknown expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na", 417),
  ]

  @Test("is refused, says so and is the last", arguments: cases)
  func refused(_ malformed: Case) {
    let stream = ScriptedStream(malformed.request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
    let answers = serve(stream)
    #expect(answers.map(\.status) == [malformed.status])
    #expect(answers.first?["Connection"] == ["close"])
    #expect(answers.first?.body.isEmpty == false)
  }

  @Test("is refused byte by byte just the same", arguments: cases)
  func refusedByteByByte(_ malformed: Case) {
    #expect(serve(.pieces(Array(malformed.request.utf8), seed: nil)) == serve(malformed.request))
  }
}

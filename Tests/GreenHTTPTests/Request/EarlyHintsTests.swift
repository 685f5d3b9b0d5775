import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// `103 (Early Hints)`: RFC 8297.
@Suite(.bounded) struct EarlyHintsTests {
  private let link = HTTPField.Name("Link")!

  private func sent(_ request: String, _ handler: @escaping @Sendable (Request) throws -> Response) -> String {
    let stream = ScriptedStream(request)
    HTTPConnection(stream: stream, application: Handler(handler)).serve()
    return String(decoding: stream.sent, as: UTF8.self)
  }

  @Test func theyGoBeforeTheAnswerAsOftenAsTheyAreSent() {
    let text = sent("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { [link] request in
      try request.sendEarlyHints([link: "</a.css>; rel=preload"])
      try request.sendEarlyHints([link: "</b.js>; rel=preload", .contentLength: "5", .transferEncoding: "chunked"])
      return Response("Hello")
    }
    #expect(
      text.hasPrefix(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
          + "HTTP/1.1 103 Early Hints\r\nLink: </b.js>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("\r\n\r\nHello"))
  }

  @Test func anOldClientGetsNone() {
    let text = sent("GET / HTTP/1.0\r\n\r\n") { [link] request in
      try request.sendEarlyHints([link: "</a.css>"])
      return Response("Hello")
    }
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
  }

  @Test func whatComesTooLateIsNotSent() {
    final class Kept: @unchecked Sendable { var request: Request? }
    let kept = Kept()
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    let text = sent(get + get) { [link] request in
      // The last request's answer has been sent.
      try kept.request?.sendEarlyHints([link: "</late.css>"])
      kept.request = request
      return Response(
        body: .stream(
          StreamedBody { body in
            try request.sendEarlyHints([link: "</later.css>"])
            try body.write("a")
            try request.sendEarlyHints([link: "</latest.css>"])
          }))
    }
    #expect(!text.contains("103") && text.ranges(of: "HTTP/1.1 200 OK").count == 2)
  }

  @Test func anAdapterWithoutAConnectionSendsNone() throws {
    try Request(.get, "/").sendEarlyHints([link: "</a.css>"])
  }
}

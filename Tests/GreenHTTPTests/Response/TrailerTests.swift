import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Fields after the body: RFC 9110, 6.5, and RFC 9112, 7.1.2.
@Suite(.bounded) struct TrailerTests {
  private let digest = HTTPField.Name("Repr-Digest")!
  private let timing = HTTPField.Name("Server-Timing")!

  private func sent(_ request: String, _ body: StreamedBody, observer: Recorder = Recorder()) -> (
    head: String, body: String
  ) {
    let stream = ScriptedStream(request)
    let handler = Handler { _ in Response(body: .stream(body)) }
    HTTPConnection(stream: stream, application: handler, observer: observer).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    let end = text.firstRange(of: "\r\n\r\n")!
    return (String(text[..<end.upperBound]), String(text[end.upperBound...]))
  }

  private func body(_ trailers: [(HTTPField.Name, String)]) -> StreamedBody {
    StreamedBody(trailers: [digest, timing]) { body in
      try body.write("abc")
      for (name, value) in trailers { try body.setTrailer(name, value) }
    }
  }

  @Test func theyAreAnnouncedAndFollowTheLastChunk() {
    let (head, body) = sent("GET / HTTP/1.1\r\nHost: a\r\n\r\n", body([(digest, "x=:eQ==:"), (timing, "db;dur=5")]))
    #expect(head.contains("\r\nTransfer-Encoding: chunked\r\nTrailer: Repr-Digest, Server-Timing\r\n"))
    #expect(body == "3\r\nabc\r\n0\r\nRepr-Digest: x=:eQ==:\r\nServer-Timing: db;dur=5\r\n\r\n")
  }

  @Test func whatWasAnnouncedMayBeMissing() {
    #expect(sent("GET / HTTP/1.1\r\nHost: a\r\n\r\n", body([])).body == "3\r\nabc\r\n0\r\n\r\n")
  }

  @Test func anOldClientGetsNeitherChunksNorTrailers() {
    let (head, body) = sent("GET / HTTP/1.0\r\n\r\n", body([(digest, "x")]))
    #expect(!head.contains("Trailer") && !head.contains("chunked") && body == "abc")
  }

  @Test func headHasNone() {
    let (head, body) = sent("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", body([(digest, "x")]))
    #expect(!head.contains("Trailer") && body == "")
  }

  @Test func oneThatWasNotAnnouncedIsAnError() {
    let recorder = Recorder()
    let name = HTTPField.Name("X-Other")!
    let (_, text) = sent("GET / HTTP/1.1\r\nHost: a\r\n\r\n", body([(name, "x")]), observer: recorder)
    #expect(text == "3\r\nabc\r\n")
    #expect(recorder.events.last?.contains("X-Other") ?? false)
  }

  @Test func aValueCannotBeginAnotherFieldOrTheNextAnswer() {
    let (_, body) = sent(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n", body([(digest, "a\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1")]))
    #expect(!body.contains("\r\nX-Injected") && !body.contains("\r\nHTTP/1.1"))
  }

  @Test func aHandlersOwnAnnouncementIsNotSent() {
    let answer = serve(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n", with: Handler { _ in Response(headers: [.trailer: "Expires"]) })[0]
    #expect(answer["Trailer"].isEmpty)
  }

  @Test func anotherServersAdapterIsToldThem() throws {
    let request = try Request(.get, "/")
    var written: [UInt8] = []
    let trailers = try body([(digest, "x")]).write(for: request) { written += $0 }
    #expect(written == Array("abc".utf8) && trailers == [digest: "x"])
  }
}

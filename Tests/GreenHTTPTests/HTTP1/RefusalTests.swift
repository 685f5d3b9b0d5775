import GreenHTTP
import SuiteSupport
import Testing

/// Requests that the server answers itself.
@Suite(.bounded) struct RefusalTests {
  /// Says what it was asked, and with which error.
  private struct Refusing: Application {
    func respond(to request: Request) -> Response { Response("served") }
    func respond(to request: Request, refusedWith error: HTTPError) throws -> Response {
      if request.path == "/throw" { throw HTTPError(.init(code: 418)) }
      let body = String(decoding: try request.body.bytes(), as: UTF8.self)
      return Response(
        "\(request.method) \(request.path) [\(request.header(.accept) ?? "")] [\(body)] \(error.status.code)",
        status: error.status)
    }
  }

  private func answer(_ text: String) -> Answer {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 3
    configuration.limits.fields = 4
    // After a request with a body, of which nothing may be left over.
    let before = "POST /before HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    let answers = serve(before + text, with: Refusing(), configuration: configuration)
    #expect(answers.count == 2 && answers.last?["Connection"] == ["close"])
    return answers.last ?? Answer()
  }

  @Test(arguments: [
    ("Host: a\r\nContent-Length: 4\r\n\r\nabcd", 413), ("Host: a\r\nExpect: tea\r\n\r\n", 417),
    ("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501), ("Host : a\r\n\r\n", 400), ("\r\n", 400),
    ("A: a\r\nB: b\r\nC: c\r\nD: d\r\n\r\n", 431),
  ])
  func theApplicationAnswersWhereTheRequestLineIsKnown(_ rest: String, _ status: Int) {
    let answer = answer("POST /a HTTP/1.1\r\nAccept: x/y\r\n" + rest)
    #expect(answer.status == status && answer.body == "POST /a [x/y] [] \(status)")
  }

  /// What is known of a request line that is refused for itself.
  @Test(arguments: [
    ("GET /a?b HTTP/2.0\r\nHost: a\r\n\r\n", 505, "GET /a [HTTP/2.0 /a?b]"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "PRI * [HTTP/2.0 *]"),
    ("GET http://x/a HTTP/0.9\r\n\r\n", 505, "GET /a [HTTP/0.9 http://x/a]"),
    ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501, "CONNECT a:80 [HTTP/1.1 a:80]"),
    ("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n\r\n", 414, "GET /aaaaaaaaaaaaaaa [HTTP/? /aaaaaaaaaaaaaaa]"),
    ("PUT /?aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 414, "PUT / [HTTP/? /?aaaaaaaaaaaaaa]"),
    ("GET / \(String(repeating: "x", count: 40))", 414, "GET / [HTTP/? /]"),
    ("GET \(String(repeating: "a", count: 40)) HTTP/1.1\r\n", 414, "GET aaaaaaaaaaaaaaaa [HTTP/? aaaaaaaaaaaaaaaa]"),
  ])
  func aRequestLineThatIsRefusedIsKnownAsFarAsItCame(_ text: String, _ status: Int, _ known: String) {
    let application = Knowing()
    var configuration = HTTPConfiguration()
    if status == 414 { configuration.limits.requestLine = 20 }
    for seed: UInt64? in [nil, 1, 2, 3] {
      let observer = Recorder()
      let answers = serve(
        .pieces(Array(text.utf8), seed: seed), with: application, configuration: configuration, observer: observer)
      #expect(answers.map(\.body) == [known] && answers.map(\.status) == [status])
      #expect(
        observer.events.last == "refused \(known.split { " ]".contains($0) }.last!) \(status) \(known.utf8.count)")
    }
  }

  private struct Knowing: Application {
    func respond(to request: Request) -> Response { Response("served") }
    func respond(to request: Request, refusedWith error: HTTPError) -> Response {
      Response("\(request.method) \(request.path) [\(request.version) \(request.target)]", status: error.status)
    }
  }

  @Test func ofALineWithoutAMethodAndATargetNothingIsKnown() {
    var configuration = HTTPConfiguration()
    configuration.limits.requestLine = 20
    for text in [String(repeating: "a", count: 40), "GET \u{1}" + String(repeating: "a", count: 40)] {
      let answers = serve(ScriptedStream(text), with: Knowing(), configuration: configuration)
      #expect(answers.map(\.body) == [HeadFault.targetTooLong.reason])
    }
  }

  @Test func headIsRefusedWithoutABody() {
    let stream = ScriptedStream("HEAD /a HTTP/3.0\r\n\r\n")
    HTTPConnection(stream: stream, application: Knowing()).serve()
    #expect(String(decoding: stream.sent, as: UTF8.self).hasSuffix("\r\n\r\n"))
  }

  @Test func itMayAnswerWithAnotherError() {
    #expect(answer("POST /throw HTTP/1.1\r\n\r\n").status == 418)
  }

  @Test func withoutARequestLineTheServerAnswers() {
    let answer = answer("POST\r\n\r\n")
    #expect(answer.status == 400 && answer.body == HeadFault.requestLine.reason)
  }

  @Test func aHeadThatDoesNotComeInTimeIsTheApplicationsToAnswerToo() {
    let stream = ScriptedStream([.bytes(Array("GET /a HTTP/1.1\r\nHost: a\r\n".utf8)), .failure(.timedOut)])
    #expect(serve(stream, with: Refusing()).map(\.body) == ["GET /a [] [] 408"])
  }

  @Test func theServerIsToldWhatIsKnown() {
    let observer = Recorder()
    _ = serve("GET /a HTTP/1.1\r\n\r\n", with: Refusing(), observer: observer)
    #expect(observer.events == ["idle", "busy", "refused /a 400 16"])
  }
}

import GreenHTTP
import Testing

/// Requests that the server answers itself.
@Suite struct RefusalTests {
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
    // Behind a request with a body, of which nothing may be left over.
    let before = "POST /before HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    let answers = serve(before + text, with: Refusing(), configuration: configuration)
    #expect(answers.count == 2 && answers.last?["Connection"] == ["close"])
    return answers.last ?? Answer()
  }

  @Test(arguments: [
    ("Host: a\r\nContent-Length: 4\r\n\r\nabcd", 413), ("Host: a\r\nExpect: tea\r\n\r\n", 417),
    ("Host: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501), ("Host : a\r\n\r\n", 400), ("\r\n", 400),
    ("A: a\r\nB: b\r\nC: c\r\nD: d\r\n\r\n", 431),
  ])
  func theApplicationAnswersWhereTheRequestLineIsKnown(_ rest: String, _ status: Int) {
    let answer = answer("POST /a HTTP/1.1\r\nAccept: x/y\r\n" + rest)
    #expect(answer.status == status && answer.body == "POST /a [x/y] [] \(status)")
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

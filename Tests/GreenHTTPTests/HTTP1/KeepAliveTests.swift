import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import Testing

@Suite(.bounded) struct KeepAliveTests {
  private let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func aConnectionServesRequestAfterRequestWithOneReceiveAndOneSendEach() {
    let stream = ScriptedStream(Array(repeating: .bytes(Array(request.utf8)), count: 10) + [.end])
    let answers = serve(stream)
    #expect(answers.count == 10)
    #expect(answers.allSatisfy { $0.status == 200 && $0.body == "GET /a " && $0["Connection"].isEmpty })
    #expect(stream.sends == 10)
    #expect(stream.receives == 11)
  }

  @Test func pipelinedRequestsAreAnsweredInOrderWithoutAnotherReceive() {
    let text = (0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
    let stream = ScriptedStream([.bytes(Array(text.utf8)), .end])
    #expect(serve(stream).map(\.body) == (0..<100).map { "GET /\($0) " })
    #expect(stream.receives == 2)
  }

  @Test(arguments: ["close", "Close", "foo, CLOSE", "close,", "keep-alive, close"])
  func closeEndsTheConnection(value: String) {
    let answers = serve("GET /a HTTP/1.1\r\nHost: a\r\nConnection: \(value)\r\n\r\n" + request)
    #expect(answers.count == 1)
    #expect(answers[0]["Connection"] == ["close"])
  }

  @Test(arguments: ["closed", "x-close", "foo"])
  func aTokenThatIsNotCloseDoesNot(value: String) {
    #expect(serve("GET /a HTTP/1.1\r\nHost: a\r\nConnection: \(value)\r\n\r\n" + request).count == 2)
  }

  @Test func http10ClosesUnlessAskedNotTo() {
    let answers = serve("GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
    #expect(answers.count == 1)
    #expect(answers[0]["Connection"] == ["close"])
  }

  @Test func http10IsKeptWhenAskedForAndIsToldSo() {
    let answers = serve("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
    #expect(answers.map(\.body) == ["GET /a ", "GET /b "])
    #expect(answers[0]["Connection"] == ["keep-alive"])
    #expect(answers[0]["Content-Length"] == ["7"])
    #expect(answers[1]["Connection"] == ["close"])
  }

  @Test func aConfigurationWithoutKeepAliveClosesAlways() {
    var configuration = HTTPConfiguration()
    configuration.allowsKeepAlive = false
    #expect(serve(request + request, configuration: configuration).map { $0["Connection"] } == [["close"]])
    configuration = HTTPConfiguration()
    configuration.keepAlive = .zero
    #expect(serve(request + request, configuration: configuration).map { $0["Connection"] } == [["close"]])
  }

  @Test func aHandlerMayCloseTheConnection() {
    let answers = serve(request + request, with: Handler { _ in Response(headers: [.connection: "Close"]) })
    #expect(answers.map { $0["Connection"] } == [["close"]])
  }

  @Test func anEvictedConnectionJustEnds() {
    let stream = ScriptedStream([.bytes(Array(request.utf8)), .failure(.canceled)])
    #expect(serve(stream).count == 1)
  }

  @Test func emptyLinesBeforeTheRequestLineAreSkipped() {
    #expect(serve("\r\n" + request + "\r\n\r\n" + request).map(\.body) == ["GET /a ", "GET /a "])
  }

  @Test func anIdleConnectionWaitsAsConfiguredAndEndsWithoutAWord() {
    var configuration = HTTPConfiguration()
    configuration.keepAlive = .seconds(700)
    let stream = ScriptedStream([.failure(.timedOut)])
    #expect(serve(stream, configuration: configuration).isEmpty)
    #expect((600...700.1).contains(stream.patience[0]), "less by what has passed before it is looked at")
  }

  @Test func aHeadThatHasBegunAndDoesNotEndInTimeIsAnswered408() {
    var configuration = HTTPConfiguration()
    #expect(configuration.limits.headDeadline == .seconds(10))
    configuration.limits.headDeadline = .seconds(1000)
    let stream = ScriptedStream([.bytes(Array("GET / HT".utf8)), .failure(.timedOut)])
    let answers = serve(stream, configuration: configuration)
    #expect(answers.map(\.status) == [408])
    #expect(answers[0]["Connection"] == ["close"])
    #expect((900...1000.1).contains(stream.patience[1]))
  }

  @Test func anEndInsideAHeadEndsTheConnection() {
    #expect(serve("GET / HT").isEmpty)
  }

  @Test func anErrorOfTheStreamEndsTheConnection() {
    let stream = ScriptedStream(request)
    stream.sendFailure = .brokenPipe
    #expect(serve(stream).isEmpty)
  }

  @Test func aKeptRequestStaysReadableAndTheConnectionGoesOn() {
    final class Keeper: @unchecked Sendable { var kept: [Request] = [] }
    let keeper = Keeper()
    let answers = serve(
      "POST /1?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
      with: Handler { request in
        keeper.kept.append(request)
        return Response(request.target)
      })
    #expect(answers.map(\.body) == ["/1?q", "/2"])
    #expect(keeper.kept.map(\.target) == ["/1?q", "/2"])
    #expect(keeper.kept.map { $0.authority } == ["a", "b"])
    #expect(keeper.kept.map(\.remote) == ["127.0.0.1:40312", "127.0.0.1:40312"])
  }
}

import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct ResponseTests {
  private let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  private func answer(_ response: Response) -> Answer { serve(get, with: Handler { _ in response })[0] }

  private func head(_ response: Response) -> Answer {
    let stream = ScriptedStream("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
    HTTPConnection(stream: stream, application: Handler { _ in response }).serve()
    let answers = Answer.all(in: stream.sent, isHead: true)
    #expect(answers.count == 1)
    return answers[0]
  }

  @Test func theSimplestAnswerIsExactlyThis() {
    let stream = ScriptedStream(get)
    HTTPConnection(stream: stream, application: Handler { _ in Response("Hello World!") }).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    let date = text.firstRange(of: "Date: ")!.upperBound
    #expect(
      text[..<date] + text[text.index(date, offsetBy: 29)...]
        == """
        HTTP/1.1 200 OK\r
        Server: greenfinch\r
        Date: \r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 12\r
        \r
        Hello World!
        """)
    #expect(stream.sends == 1)
  }

  @Test func headHasTheLengthOfWhatGetWouldSendAndNoBody() {
    #expect(head(Response("Hello"))["Content-Length"] == ["5"])
    #expect(head(Response("Hello")).body.isEmpty)
    #expect(head(Response(headers: [.contentLength: "77"]))["Content-Length"] == ["77"])
  }

  @Test func noContentHasNeitherBodyNorLength() {
    let answers = serve(get + get, with: Handler { _ in Response("text", status: .noContent) })
    #expect(answers.map(\.status) == [204, 204])
    #expect(answers[0]["Content-Length"].isEmpty)
  }

  @Test func notModifiedHasNoBody() {
    let answers = serve(get + get, with: Handler { _ in Response("text", status: .notModified) })
    #expect(answers.map(\.status) == [304, 304])
    #expect(answers[0]["Content-Length"].isEmpty)
  }

  @Test func anEmptyAnswerSaysSo() {
    #expect(answer(Response())["Content-Length"] == ["0"])
  }

  @Test func fieldsAreSentInOrderAndTheServersOwnOnlyOnce() {
    var response = Response("abc")
    response.headers = [.setCookie: "a=1", .setCookie: "b=2", .contentLength: "99", .transferEncoding: "chunked"]
    response.headers[.contentType] = "text/html"
    response.headers[.date] = "Thu, 01 Jan 1970 00:00:00 GMT"
    response.headers[.connection] = "keep-alive"
    let answer = answer(response)
    #expect(answer["Set-Cookie"] == ["a=1", "b=2"])
    #expect(answer["Content-Length"] == ["3"])
    #expect(answer["Transfer-Encoding"].isEmpty)
    #expect(answer["Content-Type"] == ["text/html"])
    #expect(answer["Date"] == ["Thu, 01 Jan 1970 00:00:00 GMT"])
    #expect(answer["Server"] == ["greenfinch"])
    #expect(answer["Connection"].isEmpty)
    response.headers[.server] = "mine"
    #expect(self.answer(response)["Server"] == ["mine"])
    #expect(self.answer(response)["Date"].count == 1)
  }

  @Test func aValueCannotBeginAnotherField() {
    var response = Response("")
    response.headers[.location] = "/\r\nX-Injected: 1\0"
    response.contentType = "text/plain\r\nX-Injected: 1"
    let answer = answer(response)
    #expect(answer["X-Injected"].isEmpty)
    #expect(answer["Content-Type"] == ["text/plain  X-Injected: 1"])
    let status = HTTPResponse.Status(code: 200, reasonPhrase: "OK\r\nX-Injected: 1")
    #expect(self.answer(Response(status: status))["X-Injected"].isEmpty)
    response.headers = HTTPFields([HTTPField(name: .location, lenientValue: Array("a\r\nX-Injected: 1".utf8))])
    #expect(self.answer(response)["X-Injected"].isEmpty)
  }

  @Test func aServerNameThatIsNoValueIsNotSent() {
    var configuration = HTTPConfiguration()
    configuration.serverName = "a\r\nb"
    #expect(serve(get, configuration: configuration)[0]["Server"].isEmpty)
    configuration.serverName = ""
    #expect(serve(get, configuration: configuration)[0]["Server"].isEmpty)
  }

  @Test func aStatusWithoutReasonGetsTheRegisteredOne() {
    #expect(answer(Response(status: 404)).reason == "Not Found")
    #expect(answer(Response(status: 599)).reason == "")
    #expect(answer(Response(status: .init(code: 200, reasonPhrase: "Fine"))).reason == "Fine")
  }

  @Test(arguments: [0, 1, 1_000, 65_536, 65_537, 1_000_000])
  func aBodyOfAnyLengthArrivesWhole(count: Int) {
    let text = String(repeating: "a", count: count)
    let answers = serve(get + get, with: Handler { _ in Response(text) })
    #expect(answers.map(\.body) == [text, text])
    let bytes = serve(get + get, with: Handler { _ in Response([UInt8](repeating: 97, count: count)) })
    #expect(bytes.map(\.body) == [text, text])
  }

  @Test func manyFieldsArriveWhole() {
    var response = Response("abc")
    for number in 0..<1_000 {
      response.headers.append(HTTPField(name: HTTPField.Name("X-\(number)")!, value: "\(number)"))
    }
    let answer = answer(response)
    #expect((0..<1_000).allSatisfy { answer["X-\($0)"] == ["\($0)"] })
    #expect(answer.body == "abc")
  }

  @Test func anHTTPErrorIsTheAnswer() {
    let handler = Handler { _ in throw HTTPError(.forbidden, "not you", headers: [.allow: "x"]) }
    let answers = serve(get + get, with: handler)
    #expect(answers.map(\.status) == [403, 403])
    #expect(answers[0].body == "not you")
    #expect(answers[0]["Allow"] == ["x"])
  }

  @Test func anyOtherErrorIs500AndTheConnectionGoesOn() {
    struct Oops: Error {}
    let observer = Recorder()
    let answers = serve(get + get, with: Handler { _ in throw Oops() }, observer: observer)
    #expect(answers.map(\.status) == [500, 500])
    #expect(answers[0].body == "Internal Server Error")
    #expect(observer.events.filter { $0.hasPrefix("failed") } == ["failed /a Oops()", "failed /a Oops()"])
  }

  @Test func anInformationalAnswerIsAFailure() {
    let observer = Recorder()
    #expect(serve(get, with: Handler { _ in Response(status: .continue) }, observer: observer)[0].status == 500)
    #expect(observer.events.contains { $0.hasPrefix("failed") })
    #expect(serve(get, with: Handler { _ in throw HTTPError(0) })[0].status == 500)
  }
}

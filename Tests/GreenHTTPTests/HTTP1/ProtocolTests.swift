import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import Testing

@Suite(.bounded) struct ProtocolTests {
  private let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func aResetContentHasNoContentAndSaysSo() {
    let answers = serve(get + get, with: Handler { _ in Response("text", status: .resetContent) })
    #expect(answers.map(\.status) == [205, 205] && answers.map(\.body) == ["", ""])
    #expect(answers.map { $0["Content-Length"] } == [["0"], ["0"]])
    let stream = Response(status: .resetContent, body: .stream(StreamedBody { try $0.write("text") }))
    let streamed = serve(get + get, with: Handler { _ in stream })
    #expect(streamed.map(\.status) == [205, 205] && streamed.map { $0["Content-Length"] } == [["0"], ["0"]])
    #expect(streamed.allSatisfy { $0["Transfer-Encoding"].isEmpty })
  }

  @Test(arguments: 2...9) func laterMinorVersionsAreServedAsOurs(minor: Int) {
    let answers = serve("GET /a HTTP/1.\(minor)\r\nHost: a\r\n\r\n" + get)
    #expect(answers.map(\.status) == [200, 200], "RFC 9110, 2.5")
    #expect(serve("GET /a HTTP/1.\(minor)\r\n\r\n").map(\.status) == [400], "it needs a Host as HTTP/1.1 does")
  }

  @Test(arguments: ["\r\n", "\r", "\r\n\r\n"]) func anEmptyLineBehindABodyLeavesTheConnectionIdle(line: String) {
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
    var configuration = HTTPConfiguration()
    configuration.keepAlive = .seconds(300)
    for steps in [[post + line], [post, line]] {
      let recorder = Recorder()
      let stream = ScriptedStream(steps.map { .bytes(Array($0.utf8)) } + [.failure(.timedOut)])
      #expect(serve(stream, configuration: configuration, observer: recorder).map(\.status) == [200], "and no 408")
      #expect((200...300.1).contains(stream.patience.last!))
      #expect(recorder.events == ["idle", "busy", "started POST /", "idle"])
    }
    let stream = ScriptedStream([
      .bytes(Array((post + line).utf8)), .bytes(Array("\n".utf8.filter { _ in line == "\r" }) + Array(get.utf8)), .end,
    ])
    #expect(serve(stream).map(\.body) == ["POST / ab", "GET /a "])
  }

  @Test func anUpgradeOfAHandlersKeepsItsConnectionOption() {
    func fields(_ connection: String) -> [[String]] {
      serve(
        get + get,
        with: Handler { _ in
          Response(status: .upgradeRequired, headers: [.upgrade: "websocket", .connection: connection])
        }
      ).map { $0["Connection"] }
    }
    #expect(fields("Upgrade") == [["upgrade"], ["upgrade"]])
    #expect(fields("close, upgrade") == [["upgrade", "close"]])
    #expect(fields("x") == [["upgrade"], ["upgrade"]], "RFC 9110, 7.8: Upgrade does not go without it")
  }

  @Test(arguments: [600, 999, 199, 101]) func aStatusThatIsNoFinalAnswerIs500(code: Int) {
    let recorder = Recorder()
    let status = HTTPResponse.Status(code: code)
    #expect(serve(get, with: Handler { _ in Response("x", status: status) }, observer: recorder).map(\.status) == [500])
    #expect(recorder.events.contains { $0.hasPrefix("failed /a") && $0.contains("\(code)") })
    #expect(serve(get, with: Handler { _ in throw HTTPError(status) }).map(\.status) == [500])
  }

  @Test(arguments: [
    (203, "Non-Authoritative Information"), (205, "Reset Content"), (207, "Multi-Status"), (208, "Already Reported"),
    (226, "IM Used"), (300, "Multiple Choices"), (305, "Use Proxy"), (402, "Payment Required"),
    (407, "Proxy Authentication Required"), (421, "Misdirected Request"), (423, "Locked"), (424, "Failed Dependency"),
    (425, "Too Early"), (451, "Unavailable For Legal Reasons"), (506, "Variant Also Negotiates"),
    (507, "Insufficient Storage"), (508, "Loop Detected"), (510, "Not Extended"),
    (511, "Network Authentication Required"), (599, ""),
  ])
  func everyRegisteredStatusHasItsReason(code: Int, reason: String) {
    let answers = serve(get, with: Handler { _ in Response(status: HTTPResponse.Status(code: code)) })
    #expect(answers.map(\.reason) == [reason])
  }

  @Test func valuesThatAreNotUTF8ReachTheApplicationAsLatin1() {
    final class Seen: @unchecked Sendable { var values: [String?] = [] }
    let seen = Seen()
    let handler = Handler { request in
      seen.values += [
        request.header(HTTPField.Name("X-A")!), request.rawHeaders.first { $0.name == "X-A" }?.value,
        request.headers[HTTPField.Name("X-A")!],
      ]
      return Response()
    }
    func ask(_ value: [UInt8]) {
      let head = Array("GET / HTTP/1.1\r\nHost: a\r\nX-A: ".utf8) + value + Array("\r\n\r\n".utf8)
      _ = serve(ScriptedStream([.bytes(head), .end]), with: handler)
    }
    ask([0x63, 0x61, 0x66, 0xe9])
    #expect(seen.values == ["café", "café", "café"])
    seen.values = []
    ask(Array("café €".utf8))
    #expect(seen.values == ["café €", "café €", "café €"])
  }

  @Test func anEmptyExpectationIsIgnored() {
    let answers = serve("POST / HTTP/1.1\r\nHost: a\r\nExpect: \r\nContent-Length: 2\r\n\r\nab")
    #expect(answers.map(\.status) == [200])
  }
}

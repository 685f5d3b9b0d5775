import GreenHTTP
import SuiteSupport
import Testing

@Suite(.bounded) struct ObserverTests {
  private let get = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func theServerIsToldWhatTheConnectionDoes() {
    let observer = Recorder()
    observer.wantsAccess = true
    let stream = ScriptedStream([.bytes(Array(("\r\n" + get).utf8)), .bytes(Array(("GET" + "x").utf8)), .end])
    _ = serve(stream, observer: observer)
    #expect(
      observer.events == [
        "idle", "busy", "started GET /a?b", "finished /a?b 200 9 true", "idle", "busy",
      ])
  }

  @Test func accessIsNotReportedUnasked() {
    let observer = Recorder()
    _ = serve(get, observer: observer)
    #expect(!observer.events.contains { $0.hasPrefix("finished") })
  }

  @Test func pipelinedRequestsAreNotIdleBetween() {
    let observer = Recorder()
    _ = serve(get + get, observer: observer)
    #expect(observer.events == ["idle", "busy", "started GET /a?b", "started GET /a?b", "idle"])
  }

  @Test func aRefusedRequestIsCounted() {
    let observer = Recorder()
    _ = serve("GET\r\n", observer: observer)
    #expect(observer.events == ["idle", "busy", "refused - 400 \(HeadFault.requestLine.reason.utf8.count)"])
  }

  @Test func aDrainingServerClosesWithTheAnswer() {
    let observer = Recorder()
    observer.shouldClose = true
    let answers = serve(get + get, observer: observer)
    #expect(answers.map { $0["Connection"] } == [["close"]])
  }
}

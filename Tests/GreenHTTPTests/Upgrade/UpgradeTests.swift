import Foundation
import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// The third way in which serving can end: the connection goes on in another protocol.
@Suite(.bounded) struct UpgradeTests {
  /// Answers `/echo` with a protocol that sends back what it receives, and anything else with the target.
  private let echo = Handler { request in
    guard request.rawPath == "/echo" else { return Response(request.target) }
    return Response(upgradingTo: "Echo", headers: [.accept: "yes"]) { stream in
      try withUnsafeTemporaryAllocation(byteCount: 5, alignment: 1) { memory in
        while case let count = try stream.receive(into: memory, until: .never), count > 0 {
          try stream.send(UnsafeRawBufferPointer(rebasing: memory[..<count]), until: .never)
        }
      }
    }
  }

  private func ask(_ fields: String, _ version: String = "1.1", method: String = "GET") -> String {
    "\(method) /echo HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
  }
  private let asking = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket, echo\r\n"

  private func serve(_ steps: [String], observer: Recorder? = nil) throws -> (ServingOutcome, String) {
    let stream = ScriptedStream(steps.map { .bytes(Array($0.utf8)) } + [.end])
    let outcome = HTTPConnection(stream: stream, application: echo, observer: observer).serve()
    if case .handedOver(let connection) = outcome { connection.speak { Issue.record($0) } }
    return (outcome, String(decoding: stream.sent, as: UTF8.self))
  }

  @Test(arguments: [[1, 2], [3]])
  func theConnectionIsHandedOverWithWhatHasBeenReceived(_ sizes: [Int]) throws {
    let observer = Recorder()
    observer.wantsAccess = true
    let steps = sizes == [3] ? [ask(asking) + "Hello World"] : [ask(asking) + "Hello ", "World"]
    let (outcome, sent) = try serve(steps, observer: observer)
    guard case .handedOver(let connection) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(connection.protocolName == "Echo" && connection.stream.peerDescription == "127.0.0.1:40312")
    let lines = sent.split(separator: "\r\n").filter { !$0.hasPrefix("Date") && !$0.hasPrefix("Server") }
    #expect(
      lines == [
        "HTTP/1.1 101 Switching Protocols", "Accept: yes", "Connection: upgrade", "Upgrade: Echo", "Hello World",
      ])
    #expect(observer.events.last == "finished /echo 101 0 true")
  }

  @Test func itComesAfterAnyNumberOfRequests() throws {
    let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    let (_, sent) = try serve([get + ask(asking) + get])
    #expect(sent.contains("/aHTTP/1.1 101 ") && sent.hasSuffix("\r\n\r\n" + get))
  }

  @Test(arguments: [
    ("", "1.1"), ("Upgrade: echo\r\n", "1.1"), ("Connection: upgrade\r\n", "1.1"),
    ("Connection: upgrade\r\nUpgrade: websocket\r\n", "1.1"), ("Connection: upgrade\r\nUpgrade: echo\r\n", "1.0"),
  ])
  func whoHasNotAskedForItIsToldOfIt(_ fields: String, _ version: String) throws {
    let (outcome, sent) = try serve([ask(fields, version)])
    guard case .ended = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let answers = Answer.all(in: Array(sent.utf8))
    #expect(answers.map(\.status) == [426] && answers[0]["Upgrade"] == ["Echo"])
  }

  @Test func aBodyIsReadBeforeIt() throws {
    let (_, sent) = try serve([ask(asking + "Content-Length: 5\r\n", method: "POST") + "abc", "deHello"])
    #expect(sent.hasPrefix("HTTP/1.1 101 ") && sent.hasSuffix("\r\n\r\nHello"))
    let long = ask(asking + "Content-Length: 100000\r\n", method: "POST")
    let (_, refused) = try serve([long + String(repeating: "x", count: 100_000)])
    #expect(Answer.all(in: Array(refused.utf8)).map(\.status) == [400])
  }

  @Test func whatHappensThereIsItsOwn() throws {
    struct Oops: Error {}
    let stream = ScriptedStream(ask(asking))
    let failing = Handler { _ in Response(upgradingTo: "echo") { _ in throw Oops() } }
    let outcome = HTTPConnection(stream: stream, application: failing).serve()
    guard case .handedOver(let connection) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    var reported: [String] = []
    connection.speak { reported.append("\($0)") }
    #expect(reported == ["Oops()"])
  }

  @Test func whereTheAnswerCannotBeSentThereIsNone() throws {
    let stream = ScriptedStream(ask(asking))
    stream.sendFailure = .brokenPipe
    guard case .ended = HTTPConnection(stream: stream, application: echo).serve() else {
      Issue.record("it was not the end")
      return
    }
  }

  @Test func anAdapterHasNoConnectionToHandOver() throws {
    var reported: [String] = []
    let answer = echo.answer(try Request(.get, "/echo")) { reported.append("\($0)") }
    #expect(answer.status == 500 && reported.count == 1)
  }

  @Test func theServerSpeaksItAndClosesTheConnection() throws {
    try onHub {
      let server = HTTPServer(
        try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!), application: echo)
      try server.start()
      let client = try Socket.connect(to: server.listener.address!)
      try Array((ask(asking) + "Hello").utf8).withUnsafeBytes { try client.send($0) }
      client.finishSending()
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1_000)
      while case let count = try buffer.withUnsafeMutableBytes({ try client.receive(into: $0) }), count > 0 {
        received += buffer[..<count]
      }
      #expect(String(decoding: received, as: UTF8.self).hasSuffix("\r\n\r\nHello"))
      try server.stop(grace: .seconds(5))
    }
  }

  /// Half of a body, then silence, then the other half with another request: nobody may take that half for a request.
  @Test(arguments: ["Content-Length: 20\r\n", "Transfer-Encoding: chunked\r\n"])
  func aBodyThatIsLateEndsTheConnection(framing: String) {
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\n" + asking + framing + "\r\n"
    let stream = ScriptedStream([
      .bytes(Array((head + "14\r\nsix").utf8)), .failure(.timedOut),
      .bytes(Array("0123456789abcde\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n".utf8)), .end,
    ])
    let outcome = HTTPConnection(stream: stream, application: echo).serve()
    if case .handedOver = outcome { Issue.record("it was handed over") }
    let sent = String(decoding: stream.sent, as: UTF8.self)
    #expect(sent.components(separatedBy: "HTTP/1.1 ").count == 2 && sent.contains("HTTP/1.1 400"), "\(sent)")
    #expect(sent.contains("Connection: close"))
  }

  @Test func aServerThatStopsBeginsNothing() throws {
    let observer = Recorder()
    observer.isStopping = true
    let (outcome, sent) = try serve([ask(asking)], observer: observer)
    if case .handedOver = outcome { Issue.record("it was handed over") }
    #expect(sent.hasPrefix("HTTP/1.1 503"))
  }
}

import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct BodyTests {
  private func post(_ body: String, length: Int? = nil, fields: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(length ?? body.utf8.count)\r\n\r\n\(body)"
  }
  private let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
  private let ignoring = Handler { Response($0.target) }

  @Test(arguments: [nil, 1, 2, 3, 4, 5])
  func aBodyIsReadWholeHoweverItIsSplit(seed: UInt64?) {
    let body = String(repeating: "0123456789", count: 2_000)
    let answers = serve(.pieces(Array((post(body) + next).utf8), seed: seed))
    #expect(answers.map(\.body) == ["POST / " + body, "GET /next "])
  }

  @Test func aBodyCanBeReadPieceByPiece() {
    let handler = Handler { request in
      var text = ""
      var buffer = [UInt8](repeating: 0, count: 3)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try request.body.read(into: $0) }
        if count == 0 { return Response(text) }
        text += "[" + String(decoding: buffer[..<count], as: UTF8.self) + "]"
      }
    }
    let stream = ScriptedStream([.bytes(Array((post("abcd", length: 6)).utf8)), .bytes(Array(("ef" + next).utf8))])
    #expect(serve(stream, with: handler).map(\.body) == ["[abc][d][ef]", ""])
  }

  @Test func theBodyCanBeAskedForTwice() {
    let handler = Handler { Response(String(decoding: try $0.body.bytes() + $0.body.bytes(), as: UTF8.self)) }
    #expect(serve(post("ab"), with: handler).map(\.body) == ["abab"])
  }

  @Test func anUnreadBodyIsSkipped() {
    let body = String(repeating: "x", count: 60_000)
    let answers = serve(.pieces(Array((post(body) + next).utf8), seed: 3), with: ignoring)
    #expect(answers.map(\.body) == ["/", "/next"])
  }

  /// Too long to be kept room for, and short enough to be sent in one piece with its head.
  @Test func anUnreadBodyIsSkippedBehindALongAnswerToo() {
    let answer = String(repeating: "y", count: 40_000)
    let body = String(repeating: "x", count: 60_000)
    let answers = serve(
      .pieces(Array((post(body) + next).utf8), seed: 3),
      with: Handler { Response($0.method == .post ? answer : $0.target) })
    #expect(answers.map(\.body) == [answer, "/next"])
  }

  @Test func aLongUnreadBodyEndsTheConnection() {
    let body = String(repeating: "x", count: 300_000)
    let answers = serve(post(body) + next, with: ignoring)
    #expect(answers.map { $0["Connection"] } == [["close"]])
  }

  @Test func aBodyThatEndsEarlyIsAnswered400() {
    let answers = serve(post("abc", length: 5))
    #expect(answers.map(\.status) == [400])
    #expect(answers[0].body == "the body ended after 3 of 5 bytes")
    #expect(answers[0]["Connection"] == ["close"])
  }

  @Test func aBodyThatDoesNotComeInTimeIsAnswered408() {
    var configuration = HTTPConfiguration()
    #expect(configuration.limits.bodyDeadline == .seconds(30))
    configuration.limits.bodyDeadline = .seconds(1000)
    let stream = ScriptedStream([.bytes(Array(post("abc", length: 5).utf8)), .failure(.timedOut)])
    #expect(serve(stream, configuration: configuration).map(\.status) == [408])
    #expect((900...1000.1).contains(stream.patience[1]))
  }

  @Test func eachRequestOfAConnectionHasTheWholeTimeForItsBody() throws {
    final class Slow: ByteStream {
      let script: ScriptedStream
      init(_ script: ScriptedStream) { self.script = script }
      var peerDescription: String { script.peerDescription }
      func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        try script.send(bytes, until: deadline)
      }
      func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
        try Fiber.sleep(for: .seconds(5))
        return try script.receive(into: buffer, until: deadline)
      }
    }
    var configuration = HTTPConfiguration()
    configuration.limits.bodyDeadline = .seconds(30)
    let steps = (0..<10).flatMap { _ in [Array(post("", length: 1).utf8), Array("a".utf8)] }
    let stream = ScriptedStream(steps.map { .bytes($0) } + [.end])
    _ = try onVirtualHub {
      HTTPConnection(stream: Slow(stream), application: Handler.echo, configuration: configuration).serve()
    }
    // All of it, less what the receive took.
    let patience = stream.patience.enumerated().filter { $0.offset % 2 == 1 }.map { $0.element }
    #expect(patience.count == 10 && patience.allSatisfy { (24...26).contains($0) }, "\(patience)")
  }

  @Test func aHandlerThatHidesABrokenBodyDoesNotKeepTheConnection() {
    let handler = Handler { request in
      _ = try? request.body.bytes()
      #expect(throws: HTTPError.self) { try request.body.bytes() }
      return Response("fine")
    }
    let stream = ScriptedStream([
      .bytes(Array(post("", length: 5).utf8)), .failure(.connectionReset), .bytes(Array(next.utf8)),
    ])
    let answers = serve(stream, with: handler)
    #expect(answers.map { $0["Connection"] } == [["close"]])
  }

  @Test func continueIsSentAtTheFirstRead() {
    let stream = ScriptedStream([
      .bytes(Array(post("", length: 3, fields: "Expect: 100-Continue\r\n").utf8)), .bytes(Array(("abc" + next).utf8)),
    ])
    #expect(serve(stream).map(\.status) == [100, 200, 200])
    #expect(stream.sentAtReceive[1] == "HTTP/1.1 100 Continue\r\n\r\n".utf8.count)
  }

  @Test func continueIsNotSentWhenTheBodyHasCome() {
    #expect(serve(post("abc", fields: "Expect: 100-continue\r\n")).map(\.status) == [200])
  }

  @Test func continueIsNotSentToHTTP10() {
    let head = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    let stream = ScriptedStream([.bytes(Array(head.utf8)), .bytes(Array("abc".utf8))])
    #expect(serve(stream).map(\.status) == [200])
  }

  @Test func continueIsNeverSentWhenTheHandlerDoesNotRead() {
    let head = post("", length: 3, fields: "Expect: 100-continue\r\n")
    let stream = ScriptedStream([.bytes(Array(head.utf8)), .bytes(Array(next.utf8))])
    let answers = serve(stream, with: ignoring)
    #expect(answers.map(\.status) == [200])
    #expect(answers[0]["Connection"] == ["close"])
  }

  @Test(arguments: [
    ("", true, false), ("Connection: close\r\n", true, true), ("", false, true),
    ("Connection: close\r\n", false, true),
  ])
  func whoMayStillBeSendingIsLookedForWhereTheServerEnds(_ fields: String, _ keeps: Bool, _ isStillSending: Bool) {
    final class Unread: ByteStream, HalfClosableByteStream {
      let stream: ScriptedStream
      let hasUnread = true
      var peerDescription: String { "" }
      init(_ stream: ScriptedStream) { self.stream = stream }
      func finishSending() {}
      func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        try stream.send(bytes, until: deadline)
      }
      func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
        try stream.receive(into: buffer, until: deadline)
      }
    }
    var configuration = HTTPConfiguration()
    configuration.allowsKeepAlive = keeps
    let stream = Unread(ScriptedStream("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"))
    let connection = HTTPConnection(stream: stream, application: Handler.echo, configuration: configuration)
    #expect(connection.serve().isStillSending == isStillSending)
  }

  @Test func aRefusedClientCanReadTheAnswerBeforeTheConnectionEnds() {
    final class HalfClosing: ByteStream, HalfClosableByteStream {
      let stream: ScriptedStream
      var finished = 0
      var peerDescription: String { "" }
      init(_ stream: ScriptedStream) { self.stream = stream }
      func finishSending() { finished += 1 }
      func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        try stream.send(bytes, until: deadline)
      }
      func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
        try stream.receive(into: buffer, until: deadline)
      }
    }
    let rest = [UInt8](repeating: 0, count: 1_000_000)
    let stream = HalfClosing(ScriptedStream([.bytes(Array("GET bad\r\n".utf8)), .bytes(rest)]))
    #expect(HTTPConnection(stream: stream, application: Handler.echo).serve().isStillSending)
    #expect(stream.finished == 0, "whoever serves may have better to do meanwhile")
    stream.linger()
    #expect(stream.finished == 1)
    #expect((10...70).contains(stream.stream.receives))
    #expect(stream.stream.patience.last! <= 1.01)
  }
}

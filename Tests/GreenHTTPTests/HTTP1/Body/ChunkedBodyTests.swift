import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import Testing

/// Bodies that come in chunks: RFC 9112, 7.1.
@Suite(.bounded) struct ChunkedBodyTests {
  static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
  private let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

  /// Says the body, and the trailers.
  static let reading = Handler { request in
    if request.method == .get { return Response(request.target) }
    let body = String(decoding: try request.body.bytes(), as: UTF8.self)
    return Response(body + request.trailers.map { " \($0.name.rawName)=\($0.value)" }.joined())
  }
  private let ignoring = Handler { Response($0.target) }

  private func chunked(_ body: String, by size: Int) -> String {
    var text = ""
    var rest = Array(body.utf8)[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(size)
      text += String(chunk.count, radix: 16) + "\r\n" + String(decoding: chunk, as: UTF8.self) + "\r\n"
      rest = rest.dropFirst(size)
    }
    return Self.head + "\r\n" + text + "0\r\n\r\n"
  }

  @Test func aChunkedBodyHasNoLengthBeforeItsEnd() {
    let handler = Handler { request in
      let count = request.body.count
      let body = String(decoding: try request.body.bytes(), as: UTF8.self)
      return Response("\(count.map { "\($0)" } ?? "nil") \(request.body.isEmpty) \(body) \(request.trailers.count)")
    }
    #expect(serve(Self.head + "\r\n5\r\nHello\r\n0\r\n\r\n", with: handler).map(\.body) == ["nil false Hello 0"])
  }

  @Test(arguments: [1, 7, 4_096, 20_000], [nil, 1, 2, 3] as [UInt64?])
  func itIsReadWholeHoweverItIsCutAndSplit(_ size: Int, _ seed: UInt64?) {
    let body = String(repeating: "0123456789", count: 2_000)
    let text = chunked(body, by: size) + next
    #expect(serve(text, with: Self.reading).map(\.body) == [body, "/next"])
    #expect(serve(.pieces(Array(text.utf8), seed: seed), with: Self.reading).map(\.body) == [body, "/next"])
  }

  @Test(arguments: [1, 2, 3, 100, 5_000, 100_000])
  func itIsReadIntoBuffersOfAnySize(_ room: Int) {
    let handler = Handler { request in
      if request.method == .get { return Response(request.target) }
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: room)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try request.body.read(into: $0) }
        if count == 0 { return Response(bytes) }
        bytes += buffer[..<count]
      }
    }
    let body = String(repeating: "abcdefghij", count: 3_000)
    for size in [3, 4_000, 30_000] {
      let pieces = ScriptedStream.pieces(Array((chunked(body, by: size) + next).utf8), seed: 4)
      #expect(serve(pieces, with: handler).map(\.body) == [body, "/next"])
    }
  }

  @Test func longChunksAreReceivedStraightIntoTheReadersMemory() {
    let body = String(repeating: "x", count: 200_000)
    let stream = ScriptedStream(chunked(body, by: 100_000))
    #expect(serve(stream, with: Self.reading).map(\.body) == [body])
    #expect(stream.receives < 20)
  }

  @Test func trailersAreHandedOverOnceTheBodyHasEnded() {
    let text = Self.head + "\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\nx-b:\r\n\r\n" + next
    #expect(serve(text, with: Self.reading).map(\.body) == ["abc X-Sum=7 x-b=", "/next"])
    let early = Handler { request in
      let before = request.trailers.count
      _ = try request.body.bytes()
      return Response("\(before) \(request.trailers.count)")
    }
    #expect(serve(text, with: early).map(\.body) == ["0 2", "0 0"])
    // They are the request's, and not the next one's.
    let twice = Self.head + "\r\n0\r\nX: 1\r\n\r\n" + Self.head + "\r\n0\r\n\r\n"
    #expect(serve(twice, with: Self.reading).map(\.body) == [" X=1", ""])
  }

  @Test func aKeptRequestKeepsItsTrailersAndTheConnectionGoesOn() {
    final class Keeper: @unchecked Sendable { var kept: [Request] = [] }
    let keeper = Keeper()
    let keeping = Handler { request in
      _ = try request.body.bytes()
      keeper.kept.append(request)
      return Response(request.target)
    }
    let text = Self.head + "\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n" + next
    #expect(serve(text, with: keeping).map(\.body) == ["/", "/next"])
    #expect(keeper.kept.map(\.target) == ["/", "/next"])
    #expect(keeper.kept[0].trailers.count == 1)
    #expect(throws: Never.self) { try keeper.kept[0].body.bytes() == Array("abc".utf8) }
  }

  @Test(arguments: [nil, 1, 2] as [UInt64?])
  func anUnreadBodyIsSkipped(_ seed: UInt64?) {
    let body = String(repeating: "x", count: 50_000)
    let text = Array((chunked(body, by: 1_000) + next).utf8)
    #expect(serve(.pieces(text, seed: seed), with: ignoring).map(\.body) == ["/", "/next"])
  }

  @Test func aLongUnreadBodyEndsTheConnection() {
    let text = chunked(String(repeating: "x", count: 300_000), by: 1_000) + next
    let stream = ScriptedStream(text)
    let outcome = HTTPConnection(stream: stream, application: ignoring).serve()
    #expect(Answer.all(in: stream.sent).map(\.body) == ["/"])
    #expect(outcome.isStillSending)
    #expect(stream.receives < 40, "no more is read than may be skipped")
  }

  @Test func aBodyThatIsLongerThanTheLimitIsRefusedAtTheChunkThatPassesIt() {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 10
    let head = Self.head + "\r\n"
    #expect(serve(head + "5\r\nHello\r\n5\r\nWorld\r\n0\r\n\r\n", configuration: configuration).map(\.status) == [200])
    for text in ["5\r\nHello\r\n6\r\n", "b\r\n", "7fffffffffffffff\r\n", "1\r\na\r\n7fffffffffffffff\r\n"] {
      let answers = serve(head + text + next, configuration: configuration)
      #expect(answers.map(\.status) == [413], "\(text.debugDescription)")
      #expect(answers[0]["Connection"] == ["close"])
    }
  }

  @Test(arguments: [
    "", "5\r\n", "5\r\nHel", "5\r\nHello", "5\r\nHello\r\n", "5\r\nHello\r\n0\r\n", "0", "0\r\nX: 1\r\n",
  ])
  func aBodyThatEndsEarlyIsAnError(_ text: String) {
    let answers = serve(Self.head + "\r\n" + text, with: Self.reading)
    #expect(answers.map(\.status) == [400] && answers[0]["Connection"] == ["close"])
    #expect(answers[0].body == "the body ended before its last chunk")
  }

  @Test func aBodyThatDoesNotComeInTimeIsAnswered408() {
    let stream = ScriptedStream([.bytes(Array((Self.head + "\r\n5\r\nHe").utf8)), .failure(.timedOut)])
    #expect(serve(stream).map(\.status) == [408])
    #expect(abs(stream.patience[1] - 30) < 1)
  }

  @Test func continueIsSentAtTheFirstRead() {
    let head = Self.head + "Expect: 100-continue\r\n\r\n"
    let stream = ScriptedStream([.bytes(Array(head.utf8)), .bytes(Array(("3\r\nabc\r\n0\r\n\r\n" + next).utf8))])
    #expect(serve(stream, with: Self.reading).map(\.status) == [100, 200, 200])
    #expect(stream.sentAtReceive[1] == "HTTP/1.1 100 Continue\r\n\r\n".utf8.count)
  }

  @Test func continueIsNeverSentWhenTheHandlerDoesNotRead() {
    let head = Self.head + "Expect: 100-continue\r\n\r\n"
    let answers = serve(ScriptedStream([.bytes(Array(head.utf8)), .bytes(Array(next.utf8))]), with: ignoring)
    #expect(answers.map(\.status) == [200] && answers[0]["Connection"] == ["close"])
  }

  @Test func aHandlerThatHidesABrokenBodyDoesNotKeepTheConnection() {
    let hiding = Handler { request in
      _ = try? request.body.bytes()
      #expect(throws: HTTPError.self) { try request.body.bytes() }
      return Response("fine")
    }
    let answers = serve(Self.head + "\r\nx\r\n\r\n" + next, with: hiding)
    #expect(answers.map { $0["Connection"] } == [["close"]])
  }

  @Test func tooManyOrTooLongTrailersAreRefused() {
    var configuration = HTTPConfiguration()
    configuration.limits.fields = 3
    configuration.limits.fieldLine = 50
    func status(_ trailers: String) -> [Int] {
      serve(Self.head + "\r\n0\r\n\(trailers)\r\n", with: Self.reading, configuration: configuration).map(\.status)
    }
    #expect(status("A: 1\r\nB: 2\r\nC: 3\r\n") == [200])
    #expect(status("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n") == [431])
    #expect(status("A: \(String(repeating: "a", count: 60))\r\n") == [431])
  }
}

import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// How a connection begins, goes on and ends.
@Suite(.bounded) struct ConnectionTests {
  private static let hello = Handler { request in Response("\(request.version)") }

  @Test func theClientDecidesByHowItBegins() throws {
    try onHub {
      let client = try FrameClient(Self.hello)
      try client.request(1)
      try #expect(client.answer(to: 1).text == "HTTP/2.0")
      try client.close()
      let other = try FrameClient(Self.hello, begins: false)
      try other.send(Array("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
      try #expect(text(of: other).hasSuffix("HTTP/1.1"))
      try other.close()
    }
  }

  @Test func thePrefaceMayComeByteByByte() throws {
    try onHub {
      let client = try FrameClient(Self.hello, begins: false)
      let bytes =
        FrameClient.preface + Frame(type: Frame.settings, stream: 0).bytes
        + Frame(type: Frame.headers, flags: 5, stream: 1, payload: FieldCoding.block(FrameClient.get())).bytes
      for byte in bytes {
        try client.send([byte])
        Fiber.yield()
      }
      try #expect(client.answer(to: 1).text == "HTTP/2.0")
      try client.close()
    }
  }

  private static let beginnings = [
    "PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "PRI * HTTP/2.0\r\nHost: x\r\n\r\n",
  ]

  @Test(arguments: beginnings)
  func aBeginningThatIsNoneIsNotAnswered(_ beginning: String) throws {
    try onHub {
      let client = try FrameClient(Self.hello, begins: false)
      try client.send(Array(beginning.utf8) + [UInt8](repeating: 0, count: 40))
      let received = try text(of: client)
      #expect(!received.contains("HTTP/1.1"), "\(received)")
      try client.close()
    }
  }

  @Test func whoDoesNotOfferItAnswersAsBefore() throws {
    try onHub {
      let client = try FrameClient(Self.hello, configuration: HTTPConfiguration())
      try #expect(text(of: client).hasPrefix("HTTP/1.1 505"))
      try client.close()
    }
  }

  @Test func aRequestOfHTTP1IsNotFollowedByHTTP2() throws {
    try onHub {
      let client = try FrameClient(Self.hello, begins: false)
      try client.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8) + FrameClient.preface)
      try #expect(text(of: client).contains("HTTP/1.1 505"))
      try client.close()
    }
  }

  private func text(of client: FrameClient) throws -> String {
    var text = ""
    var room = [UInt8](repeating: 0, count: 4_096)
    while case let count = try room.withUnsafeMutableBytes({
      try client.socket.receive(into: $0, until: .after(.seconds(60)))
    }),
      count > 0
    { text += String(decoding: room[..<count], as: UTF8.self) }
    return text
  }

  @Test func aHundredRequestsWaitAtOnce() throws {
    let waits = Handler { _ in
      try Fiber.sleep(for: .seconds(1))
      return Response("slept")
    }
    try onVirtualHub {
      let client = try FrameClient(waits)
      try client.sync()
      var ends = 0
      let time = try seconds {
        for number in 0..<100 { try client.request(UInt32(2 * number + 1)) }
        while ends < 100, let frame = try client.receive() { if try client.note(frame) == .answered(200) { ends += 1 } }
      }
      #expect(ends == 100 && time < 1.5, "\(ends) in \(time) s")
      try client.close()
    }
  }

  @Test func anIdleConnectionEndsInTime() throws {
    try onVirtualHub {
      let client = try FrameClient(Self.hello)
      try client.request(1)
      _ = try client.answer(to: 1)
      var outcome: FrameClient.Outcome?
      let time = try seconds { outcome = try client.outcome(of: 3) }
      #expect(outcome == .closed && (1.5...3).contains(time), "\(time)")
      #expect(client.goAways.map(\.last) == [1])
      try client.close()
    }
  }

  @Test func pingsDoNotKeepAnIdleConnection() throws {
    try onVirtualHub {
      let client = try FrameClient(Self.hello)
      let pings = Fiber.spawn {
        while true {
          try client.send(Frame.ping, 0, 0, [UInt8](repeating: 0, count: 8))
          try Fiber.sleep(for: .milliseconds(300))
        }
      }
      var outcome: FrameClient.Outcome?
      let time = try seconds { outcome = try client.outcome(of: 1) }
      #expect(outcome == .closed && (1.5...3).contains(time), "\(time)")
      pings.cancel()
      try client.close()
    }
  }

  private final class Accesses: HTTPConnectionObserver {
    var all: [String] = []
    let wantsAccess = true
    func requestFinished(_ request: Request, response: Response, bodyBytes: Int, duration: Duration) {
      all.append("\(request.rawPath) \(response.status.code)")
    }
  }

  private final class Stopping: HTTPConnectionObserver {
    var isStopping = false
    var shouldClose: Bool { isStopping }
  }

  private final class Failures: HTTPConnectionObserver {
    var all: [String] = []
    func answerGoesOn() { all.append("goes on") }
    func requestFailed(_ request: Request, _ error: any Error) { all.append("failed: \(error)") }
  }

  /// It ends a child that the application has forked: nothing is told or sent before.
  @Test func whoMustNotAnswerIsAskedBeforeABodyThatHasFailedIsTold() throws {
    let fails = Handler { _ in Response(body: .stream(StreamedBody { _ in throw Errno.ioError })) }
    try onVirtualHub {
      let failures = Failures()
      let client = try FrameClient(fails, observer: failures)
      try client.request(1)
      _ = try client.outcome(of: 1)
      try client.sync()
      #expect(failures.all == ["goes on", "failed: \(Errno.ioError)"])
      try client.close()
    }
  }

  @Test func aServerThatStopsSaysSoAndFinishes() throws {
    let waits = Handler { request in
      if request.target == "/long" { try Fiber.sleep(for: .seconds(5)) }
      return Response("done")
    }
    try onVirtualHub {
      let observer = Stopping()
      let client = try FrameClient(waits, observer: observer)
      try client.request(1, "/long")
      try client.sync()
      observer.isStopping = true
      while client.goAways.isEmpty, let frame = try client.receive() { _ = try client.note(frame) }
      #expect(client.goAways.first?.last == 0x7fff_ffff, "the first word refuses nothing")
      // A request that was under way then.
      try client.request(3, "/short")
      try #expect(client.answer(to: 3).text == "done")
      try #expect(client.answer(to: 1).text == "done")
      try #expect(client.outcome(of: 5) == .closed)
      #expect(client.goAways.map(\.last) == [0x7fff_ffff, 3])
      try client.close()
    }
  }

  @Test func aHandlerMayAskForTheEnd() throws {
    try onVirtualHub {
      let client = try FrameClient(Handler { _ in Response(headers: [.connection: "close"], body: .string("last")) })
      try client.request(1)
      try #expect(client.answer(to: 1).text == "last")
      try #expect(client.outcome(of: 3) == .closed)
      #expect(client.goAways.map(\.last) == [0x7fff_ffff, 1])
      try client.close()
    }
  }

  @Test func whoTakesARequestBackEndsItsHandler() throws {
    let ends = Atomic(0)
    let waits = Handler { _ in
      do { try Fiber.sleep(for: .seconds(60)) } catch { ends.add(1, ordering: .relaxed) }
      return Response("late")
    }
    try onVirtualHub {
      let client = try FrameClient(waits)
      for stream: UInt32 in [1, 3] { try client.request(stream) }
      try client.sync()
      try client.send(Frame.resetStream, 0, 1, [0, 0, 0, 8])
      try client.sync()
      #expect(ends.load(ordering: .relaxed) == 1)
      try client.close()
      #expect(ends.load(ordering: .relaxed) == 2, "and so does who goes away")
    }
  }

  /// What a handler did is done, whether or not its client waited for the answer.
  @Test func answersThatAreBrokenOffAreInTheAccessLog() throws {
    let answers = Handler { request in
      if request.rawPath == "/waits" { try? Fiber.sleep(for: .seconds(60)) }
      return Response(status: .accepted, body: .bytes([UInt8](repeating: 1, count: 1_000_000)))
    }
    try onVirtualHub {
      let accesses = Accesses()
      let client = try FrameClient(answers, observer: accesses)
      try client.request(1, "/waits")
      try client.request(3, "/large")
      try client.sync()
      #expect(accesses.all == [])
      for stream: UInt32 in [1, 3] { try client.send(Frame.resetStream, 0, stream, [0, 0, 0, 8]) }
      try client.sync()
      #expect(accesses.all.sorted() == ["/large 202", "/waits 202"])
      try client.request(5, "/waits")
      try client.request(7, "/large")
      try client.sync()
      try client.close()
      #expect(accesses.all.sorted() == ["/large 202", "/large 202", "/waits 202", "/waits 202"])
    }
  }

  @Test func anAnswerBeforeTheBodyEndsTheStreamKindly() throws {
    try onHub {
      let client = try FrameClient(Handler { _ in Response("no") })
      try client.post(1, "/", [("content-length", "1000000")])
      try #expect(client.outcome(of: 1) == .answered(200))
      try #expect(client.outcome(of: 1) == .reset(0))
      // A short rest is taken.
      try client.post(3, "/", [("content-length", "3")])
      try #expect(client.outcome(of: 3) == .answered(200))
      try client.data(3, [1, 2, 3], endsStream: true)
      try client.request(5)
      try #expect(client.outcome(of: 5) == .answered(200))
      try client.close()
    }
  }

  @Test func anAnswerThatFailsInTheMiddleIsCut() throws {
    struct Broken: Error {}
    let torn = Handler { _ in
      Response(
        body: .stream(
          StreamedBody { body in
            try body.write("half")
            try Fiber.sleep(for: .milliseconds(10))
            throw Broken()
          }))
    }
    try onHub {
      let client = try FrameClient(torn)
      try client.request(1)
      try #expect(client.outcome(of: 1) == .reset(2))
      #expect(client.answers[1]?.text == "half")
      try client.close()
    }
  }

  /// RFC 9113, 6.9.2: the sizes of the windows may change at any time.
  @Test func theAnswerKeepsToTheWindows() throws {
    let large = Handler { _ in Response([UInt8](repeating: 7, count: 100)) }
    try onHub {
      let client = try FrameClient(large)
      try client.send(Frame.settings, 0, 0, [0, 4, 0, 0, 0, 3])
      try client.request(1)
      try client.sync()
      try client.sync()
      #expect(client.answers[1]?.body.count == 3)
      try client.send(Frame.settings, 0, 0, [0, 4, 0, 0, 0, 2])
      try client.send(Frame.windowUpdate, 0, 1, [0, 0, 0, 2])
      try client.sync()
      try client.sync()
      #expect(client.answers[1]?.body.count == 4)
      try client.send(Frame.windowUpdate, 0, 1, [0, 0, 1, 0])
      try #expect(client.answer(to: 1).body.count == 100)
      try client.close()
    }
  }
}

import Green
import GreenHTTP
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Connections that wait for a request, and for their client to take what was sent before.
@Suite(.bounded) struct SlowSendingTests {
  private static let hello = Handler { _ in Response("hello") }
  private static let ping = [UInt8](repeating: 7, count: 8)

  private final class Idleness: HTTPConnectionObserver {
    var isIdle = false
    func becameIdle() { isIdle = true }
    func becameBusy() { isIdle = false }
  }

  /// Calls `body` with a client that has begun, and takes nothing from now on.
  private func withSlowClient(_ body: @escaping (FrameClient, GatedStream, Idleness) throws -> Void) throws {
    try onVirtualHub {
      let idleness = Idleness()
      let client = try FrameClient(Self.hello, observer: idleness) { GatedStream($0) }
      let stream = try #require(client.served as? GatedStream)
      try client.sync()
      stream.gate.clear()
      try body(client, stream, idleness)
      try client.close()
    }
  }

  /// The stream of a request is closed when nghttp2 has handed its last bytes out.
  @Test func aConnectionThatStillSendsAnAnswerIsNotIdle() throws {
    try withSlowClient { client, stream, idleness in
      try client.request(1)
      try Fiber.sleep(for: .seconds(10))
      #expect(!idleness.isIdle)
      #expect(stream.receives < 1_000, "\(stream.receives) receives")
      stream.gate.set()
      try #expect(client.answer(to: 1).text == "hello")
      var outcome: FrameClient.Outcome?
      let time = try seconds { outcome = try client.outcome(of: 3) }
      #expect(outcome == .closed && (1.5...4).contains(time), "\(time)")
      #expect(client.goAways.map(\.last) == [1])
    }
  }

  @Test func anIdleConnectionEndsInTimeWhenItsClientTakesNothing() throws {
    try withSlowClient { client, stream, _ in
      try client.send(Frame.ping, 0, 0, Self.ping)
      try Fiber.sleep(for: .seconds(10))
      #expect(stream.receives < 1_000, "\(stream.receives) receives")
      stream.gate.set()
      try #expect(client.outcome(of: 1) == .closed)
      #expect(client.goAways.map(\.last) == [0])
    }
  }

  /// As a server does that needs its place.
  @Test func anIdleConnectionThatIsCalledOffSendsWhatIsOnItsWay() throws {
    try withSlowClient { client, stream, idleness in
      try client.send(Frame.ping, 0, 0, Self.ping)
      try Fiber.sleep(for: .milliseconds(500))
      #expect(idleness.isIdle)
      stream.socket.cancelReceive()
      try Fiber.sleep(for: .seconds(10))
      #expect(stream.receives < 1_000, "\(stream.receives) receives")
      stream.gate.set()
      try #expect(client.outcome(of: 1) == .closed)
      #expect(client.goAways.map(\.last) == [0])
      guard case .stillSending = try client.server.value else {
        Issue.record("the client has ended it")
        return
      }
    }
  }

  /// Whoever serves it may be cancelled, and the last frame is sent whole all the same.
  @Test func aServerThatIsCancelledWaitsForTheSender() throws {
    try withSlowClient { client, stream, _ in
      try client.request(1)
      try Fiber.sleep(for: .milliseconds(500))
      client.server.cancel()
      try Fiber.sleep(for: .seconds(5))
      stream.gate.set()
      try #expect(client.answer(to: 1).text == "hello")
    }
  }
}

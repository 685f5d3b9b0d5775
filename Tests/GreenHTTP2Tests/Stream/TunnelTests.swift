import Green
import GreenHTTP
import GreenWebSocket
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Other protocols over a stream: RFC 8441.
@Suite(.bounded) struct TunnelTests {
  private static func connect(_ name: String, _ more: Fields = []) -> Fields {
    [(":method", "CONNECT"), (":protocol", name), (":scheme", "http"), (":path", "/chat"), (":authority", "x")] + more
  }

  private static let echo = Handler { request in
    try Response.webSocket(request, subprotocols: ["talk"]) { socket in
      while let message = try socket.receive() { try socket.send(message) }
    }
  }

  /// A frame of a client (RFC 6455, 5.2), masked by nothing.
  private static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0x80 | opcode, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
  }

  private func receive(_ count: Int, of stream: UInt32, _ client: FrameClient) throws -> [UInt8] {
    while (client.answers[stream]?.body.count ?? 0) < count, let frame = try client.receive() {
      _ = try client.note(frame)
    }
    return client.answers[stream]?.body ?? []
  }

  @Test func aWebSocketIsAStream() throws {
    try onHub {
      let client = try FrameClient(Self.echo)
      try client.sync()
      #expect(client.settings[8] == 1, "ENABLE_CONNECT_PROTOCOL")
      let fields: Fields = [
        ("sec-websocket-version", "13"), ("sec-websocket-protocol", "other, talk"), ("origin", "http://x"),
      ]
      try client.head(1, Self.connect("websocket", fields), endsStream: false)
      try client.data(1, Self.frame(1, Array("hello".utf8)))
      try #expect(receive(7, of: 1, client) == [0x81, 5] + Array("hello".utf8))
      let answer = try #require(client.answers[1])
      #expect(answer.status == 200)
      #expect(answer.fields["sec-websocket-protocol"] == "talk")
      #expect(answer.fields["sec-websocket-accept"] == nil && answer.fields["upgrade"] == nil)
      // Beside it, others.
      try client.head(3, Self.connect("websocket", fields), endsStream: false)
      try client.data(3, Self.frame(2, [1, 2, 3]))
      try #expect(receive(5, of: 3, client) == [0x82, 3, 1, 2, 3])
      try client.data(1, Self.frame(8, [3, 232]))
      try #expect(client.outcome(of: 1) == .answered(200))
      #expect(client.answers[1]?.body.suffix(4) == [0x88, 2, 3, 232])
      try client.close()
    }
  }

  private static let refused: [(protocolName: String, fields: Fields, status: Int)] = [
    ("websocket", [], 426), ("other", [("sec-websocket-version", "13")], 426),
    ("websocket", [("sec-websocket-version", "13"), ("origin", "http://evil.example")], 403),
  ]

  @Test(arguments: refused.indices)
  func whatIsNotSpokenIsRefused(_ index: Int) throws {
    let one = Self.refused[index]
    try onHub {
      let client = try FrameClient(Self.echo)
      try client.head(1, Self.connect(one.protocolName, one.fields), endsStream: false)
      try #expect(client.outcome(of: 1) == .answered(one.status))
      try client.request(3)
      try #expect(client.outcome(of: 3) == .answered(426), "no upgrade without CONNECT")
      try client.close()
    }
  }

  private final class Failures: HTTPConnectionObserver {
    var all: [String] = []
    func requestFailed(_ request: Request, _ error: any Error) { all.append("\(error)") }
  }

  @Test func whoHasNotAskedForAProtocolIsToldOfIt() throws {
    let upgrading = Handler { _ in Response(upgradingTo: "echo") { _ in Issue.record("it is spoken") } }
    try onHub {
      let failures = Failures()
      let client = try FrameClient(upgrading, observer: failures)
      try client.request(1)
      try #expect(client.outcome(of: 1) == .answered(426))
      try client.head(3, Self.connect("other"), endsStream: false)
      try #expect(client.outcome(of: 3) == .answered(426))
      #expect(failures.all == [])
      try client.close()
    }
  }

  @Test func whoTakesItBackEndsTheHandler() throws {
    try onVirtualHub {
      let client = try FrameClient(Self.echo)
      try client.head(1, Self.connect("websocket", [("sec-websocket-version", "13")]), endsStream: false)
      try client.sync()
      try client.send(Frame.resetStream, 0, 1, [0, 0, 0, 8])
      try client.request(3)
      try #expect(client.outcome(of: 3) == .answered(426))
      try client.close()
    }
  }
}

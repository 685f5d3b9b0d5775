import SuiteSupport
import TestSupport
import Testing

/// What a client may still send on a stream, and what not: RFC 9113, 5.1; and frames that change nothing. The cases are h2spec's.
@Suite(.bounded) struct StreamStateTests {
  @Test(arguments: cases)
  func theClientIsServedOrRefused(_ one: FrameTests.Case) throws { try one.check() }

  private static let cases: [FrameTests.Case] = [
    FrameTests.Case("5.1", "PRIORITY of an idle stream", FrameTests.served) {
      try $0.send(Frame.priority, 0, 1, [0, 0, 0, 0, 16])
      try $0.request(1)
    },
    FrameTests.Case("5.1", "WINDOW_UPDATE after the end of the request", FrameTests.served) {
      try $0.request(1)
      try $0.send(Frame.windowUpdate, 0, 1, [0, 0, 0, 100])
    },
    FrameTests.Case(
      "5.1", "CONTINUATION after the end of the request", FrameTests.protocolError + FrameTests.streamClosed
    ) {
      try $0.request(1)
      try $0.send(Frame.continuation, Frame.endHeaders, 1, FieldCoding.block(FrameClient.get()))
    },
    FrameTests.Case("6.5.3", "of a setting that is given twice the last counts", FrameTests.served) {
      try $0.send(Frame.settings, 0, 0, [0, 4, 0, 0, 0, 0, 0, 4, 0, 0, 255, 255])
      try $0.post(1)
      try $0.data(1, [1, 2, 3], endsStream: true)
    },
    FrameTests.Case("6.9.2", "a window that is made smaller than what has been sent", FrameTests.served) {
      try $0.send(Frame.settings, 0, 0, [0, 4, 0, 0, 0, 0])
      try $0.post(1)
      try $0.data(1, [1, 2, 3], endsStream: true)
      try $0.sync()
      try $0.send(Frame.windowUpdate, 0, 1, [0, 0, 0, 1])
      try $0.sync()
      try $0.send(Frame.settings, 0, 0, [0, 4, 0, 0, 255, 255])
    },
    FrameTests.Case("8.1", "trailers", FrameTests.served) {
      try $0.post(1)
      try $0.data(1, [1])
      try $0.head(1, [("x", "y")])
    },
    FrameTests.Case("8.1", "HEAD", FrameTests.served) {
      try $0.head(1, [(":method", "HEAD"), (":scheme", "http"), (":path", "/"), (":authority", "x")])
    },
  ]

  /// Nothing is answered, and the connection goes on or ends in order.
  @Test func dataAfterTheClientsOwnResetIsNotAnswered() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.post(1)
      try client.send(Frame.resetStream, 0, 1, [0, 0, 0, 8])
      try client.data(1, [0], endsStream: true)
      try client.request(3)
      let outcome = try client.outcome(of: 3)
      #expect(([.answered(200)] + FrameTests.streamClosed).contains(outcome), "\(outcome)")
      #expect(client.answers[1] == nil)
      try client.close()
    }
  }

  @Test func aResetWithAnUnknownCodeEndsItsStreamAlone() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.post(1)
      try client.send(Frame.resetStream, 0, 1, [0, 0, 0, 255])
      try client.request(3)
      try #expect(client.outcome(of: 3) == .answered(200))
      try client.close()
    }
  }

  /// RFC 9113, 5.4.1: a fault of the connection is told, and then there is nothing more.
  @Test func theConnectionEndsAfterItsFault() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.request(1)
      try #expect(client.outcome(of: 1) == .answered(200))
      try client.send(Frame.ping, 0, 3, [UInt8](repeating: 0, count: 8))
      let outcome = try client.outcome(of: 3)
      #expect(FrameTests.protocolError.contains(outcome), "\(outcome)")
      #expect(client.goAways.allSatisfy { $0.last == 1 })
      try #expect(client.receive() == nil)
      try client.close()
    }
  }
}

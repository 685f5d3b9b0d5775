import SuiteSupport
import TestSupport
import Testing

/// What the rules of RFC 9113 about frames and streams say of a client that breaks them, by section; and of one that does not.
/// The cases are h2spec's.
@Suite(.bounded) struct FrameTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let section: String
    let what: String
    let outcomes: [FrameClient.Outcome]
    let send: @Sendable (FrameClient) throws -> Void
    var testDescription: String { "\(section): \(what)" }

    init(
      _ section: String, _ what: String, _ outcomes: [FrameClient.Outcome],
      _ send: @escaping @Sendable (FrameClient) throws -> Void
    ) {
      (self.section, self.what, self.outcomes, self.send) = (section, what, outcomes, send)
    }

    /// Sends it, and looks at what becomes of stream 1.
    func check() throws {
      try onHub {
        let client = try FrameClient(Handler.echo)
        try send(client)
        let outcome = try client.outcome(of: 1)
        #expect(outcomes.contains(outcome), "\(outcome)")
        // Whatever it was, the server goes on, or has let go.
        try client.close()
      }
    }
  }

  static let served: [FrameClient.Outcome] = [.answered(200)]
  // Of a connection that ends, the reason may be lost to a reset.
  static let protocolError: [FrameClient.Outcome] = [.goAway(1), .closed]
  static let frameSize: [FrameClient.Outcome] = [.goAway(6), .closed]
  static let flowControl: [FrameClient.Outcome] = [.goAway(3), .closed]
  static let compression: [FrameClient.Outcome] = [.goAway(9), .closed]
  /// A stream that is closed may be a fault of the stream or of the connection.
  static let streamClosed: [FrameClient.Outcome] = [.reset(5), .goAway(5), .goAway(1), .closed]

  @Test(arguments: frames + streams + fields + flow)
  func theClientIsServedOrRefused(_ one: Case) throws { try one.check() }

  /// RFC 9113, 5.1.1, as nghttp2 has it: nobody remembers which streams there have been, and such a one is passed over.
  @Test func aNumberBelowTheLastIsNotServed() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.request(5)
      try client.request(3)
      try client.request(7)
      try client.expectNothing(of: 3, before: 7)
      try client.close()
    }
  }

  static let frames: [Case] = [
    Case("4.1", "an unknown type is passed over", served) {
      try $0.send(0xff, 0xff, 0, Array("whatever".utf8))
      try $0.request(1)
    },
    Case("4.1", "an undefined flag is passed over", served) {
      try $0.send(Frame.ping, 0xfe, 0, [UInt8](repeating: 0, count: 8))
      try $0.request(1)
    },
    Case("4.1", "the reserved bit is passed over", served) {
      try $0.send(Frame.ping, 0, 0x8000_0000, [UInt8](repeating: 0, count: 8))
      try $0.request(1)
    },
    Case("4.2", "DATA longer than 16,384", [.reset(6)] + frameSize) {
      try $0.post(1)
      try $0.data(1, [UInt8](repeating: 0, count: 16_385), endsStream: true)
    },
    Case("4.2", "DATA of 16,384", served) {
      try $0.post(1)
      try $0.data(1, [UInt8](repeating: 0, count: 16_384), endsStream: true)
    },
    Case("4.2", "HEADERS longer than 16,384", frameSize) {
      try $0.request(1, "/", [("x", String(repeating: "a", count: 17_000))])
    },
    Case("4.3", "a block that is not HPACK", compression) {
      try $0.send(Frame.headers, 5, 1, Array("\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}".utf8))
    },
    Case("4.3", "PRIORITY within a block", protocolError) {
      try $0.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      try $0.send(Frame.priority, 0, 1, [0, 0, 0, 0, 255])
    },
    Case("4.3", "another stream's HEADERS within a block", protocolError) {
      try $0.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      try $0.request(3)
    },
    Case("5.5", "an extension within a block", protocolError) {
      try $0.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      try $0.send(0xff, 0, 0, [0])
    },
    Case("6.1", "DATA on stream 0", protocolError) { try $0.data(0, [0]) },
    Case("6.1", "DATA with more padding than payload", protocolError) {
      try $0.post(1)
      try $0.send(Frame.data, Frame.padded | Frame.endStream, 1, [6, 0, 0, 0])
    },
    Case("6.1", "DATA with padding", served) {
      try $0.post(1)
      try $0.send(Frame.data, Frame.padded | Frame.endStream, 1, [3, 65, 0, 0, 0])
    },
    Case("6.2", "HEADERS on stream 0", protocolError) { try $0.request(0) },
    Case("6.2", "HEADERS with more padding than payload", protocolError) {
      try $0.send(Frame.headers, 5 | Frame.padded, 1, [250] + FieldCoding.block(FrameClient.get()))
    },
    Case("6.2", "HEADERS with padding and a priority", served) {
      try $0.send(
        Frame.headers, 5 | Frame.padded | Frame.hasPriority, 1,
        [2, 0, 0, 0, 0, 15] + FieldCoding.block(FrameClient.get()) + [0, 0])
    },
    Case("6.3", "PRIORITY on stream 0", protocolError) { try $0.send(Frame.priority, 0, 0, [0, 0, 0, 0, 1]) },
    Case("6.3", "PRIORITY of 4 bytes", [.reset(6)] + frameSize) {
      try $0.post(1)
      try $0.send(Frame.priority, 0, 1, [0, 0, 0, 1])
      try $0.data(1, [], endsStream: true)
    },
    Case("6.3", "PRIORITY is passed over", served) {
      try $0.send(Frame.priority, 0, 1, [0, 0, 0, 0, 255])
      try $0.request(1)
    },
    Case("6.4", "RST_STREAM on stream 0", protocolError) { try $0.send(Frame.resetStream, 0, 0, [0, 0, 0, 8]) },
    Case("6.4", "RST_STREAM of an idle stream", protocolError) { try $0.send(Frame.resetStream, 0, 1, [0, 0, 0, 8]) },
    Case("6.4", "RST_STREAM of 3 bytes", frameSize) {
      try $0.post(1)
      try $0.send(Frame.resetStream, 0, 1, [0, 0, 8])
    },
    Case("6.5", "SETTINGS that acknowledge and say something", frameSize) {
      try $0.send(Frame.settings, 1, 0, [0, 1, 0, 0, 0, 0])
    },
    Case("6.5", "SETTINGS of a stream", protocolError) { try $0.send(Frame.settings, 0, 1, [0, 3, 0, 0, 0, 100]) },
    Case("6.5", "SETTINGS of 3 bytes", frameSize) { try $0.send(Frame.settings, 0, 0, [0, 3, 0]) },
    Case("6.5.2", "ENABLE_PUSH of 2", protocolError) { try $0.send(Frame.settings, 0, 0, [0, 2, 0, 0, 0, 2]) },
    Case("6.5.2", "INITIAL_WINDOW_SIZE above 2^31-1", flowControl) {
      try $0.send(Frame.settings, 0, 0, [0, 4, 128, 0, 0, 0])
    },
    Case("6.5.2", "MAX_FRAME_SIZE below 16,384", protocolError) {
      try $0.send(Frame.settings, 0, 0, [0, 5, 0, 0, 63, 255])
    },
    Case("6.5.2", "MAX_FRAME_SIZE above 2^24-1", protocolError) {
      try $0.send(Frame.settings, 0, 0, [0, 5, 1, 0, 0, 0])
    },
    Case("6.5.2", "a setting that nobody knows", served) {
      try $0.send(Frame.settings, 0, 0, [0, 255, 0, 0, 0, 1])
      try $0.request(1)
    },
    Case("6.6", "PUSH_PROMISE of a client", protocolError) {
      try $0.post(1)
      try $0.send(Frame.pushPromise, 4, 1, [0, 0, 0, 2] + FieldCoding.block(FrameClient.get()))
    },
    Case("6.7", "PING of a stream", protocolError) { try $0.send(Frame.ping, 0, 1, [UInt8](repeating: 0, count: 8)) },
    Case("6.7", "PING of 6 bytes", frameSize) { try $0.send(Frame.ping, 0, 0, [0, 0, 0, 0, 0, 0]) },
    Case("6.7", "PING that acknowledges what nobody asked", served) {
      try $0.send(Frame.ping, 1, 0, [UInt8](repeating: 0, count: 8))
      try $0.request(1)
    },
    Case("6.8", "GOAWAY of a stream", protocolError) { try $0.send(Frame.goAway, 0, 1, [0, 0, 0, 0, 0, 0, 0, 0]) },
    Case("6.10", "a block in four frames", served) {
      let block = FieldCoding.block(FrameClient.get())
      try $0.send(Frame.headers, Frame.endStream, 1, Array(block[..<5]))
      try $0.send(Frame.continuation, 0, 1, Array(block[5..<9]))
      try $0.send(Frame.continuation, 0, 1, [])
      try $0.send(Frame.continuation, Frame.endHeaders, 1, Array(block[9...]))
    },
    Case("6.10", "CONTINUATION of another stream", protocolError) {
      try $0.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      try $0.send(Frame.continuation, Frame.endHeaders, 3, [])
    },
    Case("6.10", "CONTINUATION after the block's end", protocolError) {
      try $0.post(1)
      try $0.send(Frame.continuation, Frame.endHeaders, 1, [])
    },
    Case("6.10", "CONTINUATION after DATA", protocolError) {
      try $0.post(1)
      try $0.data(1, [0])
      try $0.send(Frame.continuation, Frame.endHeaders, 1, [])
    },
    Case("6.10", "CONTINUATION on stream 0", protocolError) {
      try $0.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      try $0.send(Frame.continuation, Frame.endHeaders, 0, [])
    },
    Case("7", "a GOAWAY with an unknown code ends nothing that is under way", served) {
      try $0.post(1)
      try $0.send(Frame.goAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 255])
      try $0.data(1, [], endsStream: true)
    },
  ]

  static let streams: [Case] = [
    Case("5.1", "DATA of an idle stream", protocolError) { try $0.data(1, [0], endsStream: true) },
    Case("5.1", "WINDOW_UPDATE of an idle stream", protocolError) {
      try $0.send(Frame.windowUpdate, 0, 1, [0, 0, 0, 100])
    },
    Case("5.1", "CONTINUATION of an idle stream", protocolError) {
      try $0.send(Frame.continuation, Frame.endHeaders, 1, FieldCoding.block(FrameClient.get()))
    },
    Case("5.1", "DATA after the end of the request", streamClosed + served) {
      try $0.request(1)
      try $0.data(1, [0], endsStream: true)
    },
    Case("5.1", "HEADERS after the end of the request", streamClosed + served) {
      try $0.request(1)
      try $0.request(1)
    },
    Case("5.1", "HEADERS after the client's own reset", streamClosed) {
      try $0.post(1)
      try $0.send(Frame.resetStream, 0, 1, [0, 0, 0, 8])
      try $0.request(1)
    },
    Case("5.1", "CONTINUATION after the client's own reset", streamClosed) {
      try $0.post(1)
      try $0.send(Frame.resetStream, 0, 1, [0, 0, 0, 8])
      try $0.send(Frame.continuation, Frame.endHeaders, 1, [])
    },
    Case("5.1.1", "an even number", protocolError) { try $0.request(2) },
    Case(
      "5.3.1", "a stream that depends on itself is served, or is not: priorities are not looked at",
      served + protocolError
    ) {
      try $0.send(
        Frame.headers, 5 | Frame.hasPriority, 1, [0, 0, 0, 1, 255] + FieldCoding.block(FrameClient.get()))
    },
    Case("8.1", "a second HEADERS that does not end the request", [.reset(1)] + protocolError) {
      try $0.post(1)
      try $0.head(1, [("x", "y")], endsStream: false)
    },
  ]

  static let malformed: [FrameClient.Outcome] = [.reset(1), .answered(400)]
  static let pseudo: Fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "x")]

  private static func refused(_ section: String, _ what: String, _ fields: Fields) -> Case {
    Case(section, what, malformed) { try $0.head(1, fields) }
  }

  static let fields: [Case] =
    [
      refused("8.2.1", "an upper-case name", pseudo + [("X-Test", "ok")]),
      refused("8.2.1", "an empty name", pseudo + [("", "ok")]),
      refused("8.2.1", "a name with a blank", pseudo + [("x y", "ok")]),
      refused("8.2.1", "a name with a colon", pseudo + [("x:y", "ok")]),
      refused("8.2.1", "a value with CR and LF", pseudo + [("x", "a\r\nb: c")]),
      refused("8.2.1", "a value with NUL", pseudo + [("x", "a\0b")]),
      refused("8.2.1", "a value that begins with a blank", pseudo + [("x", " a")]),
      refused("8.2.2", "connection", pseudo + [("connection", "keep-alive")]),
      refused("8.2.2", "keep-alive", pseudo + [("keep-alive", "1")]),
      refused("8.2.2", "proxy-connection", pseudo + [("proxy-connection", "keep-alive")]),
      refused("8.2.2", "transfer-encoding", pseudo + [("transfer-encoding", "chunked")]),
      refused("8.2.2", "upgrade", pseudo + [("upgrade", "h2c")]),
      refused("8.2.2", "te other than trailers", pseudo + [("te", "trailers, deflate")]),
      refused("8.3", "an unknown pseudo-header field", pseudo + [(":test", "ok")]),
      refused("8.3", "one of answers", pseudo + [(":status", "200")]),
      refused("8.3", "one after a field", [pseudo[0], pseudo[1], pseudo[2], ("x", "y"), pseudo[3]]),
      refused("8.3.1", "an empty path", [pseudo[0], pseudo[1], (":path", ""), pseudo[3]]),
      refused("8.3.1", "an absolute path", [pseudo[0], pseudo[1], (":path", "http://x/"), pseudo[3]]),
      refused("8.3.1", "an absolute path of another scheme", [pseudo[0], (":scheme", "ftp"), (":path", "http://x/")]),
      refused("8.3.1", "a path with a fragment", [pseudo[0], pseudo[1], (":path", "/a#b"), pseudo[3]]),
      refused("8.3.1", "a path with a blank", [pseudo[0], pseudo[1], (":path", "/a b"), pseudo[3]]),
      refused("8.3.1", "no method", Array(pseudo[1...])),
      refused("8.3.1", "no scheme", [pseudo[0], pseudo[2], pseudo[3]]),
      refused("8.3.1", "no path", [pseudo[0], pseudo[1], pseudo[3]]),
      refused("8.3.1", "no authority and no host", Array(pseudo[..<3])),
      refused("8.3.1", "two methods", [pseudo[0]] + pseudo),
      refused("8.3.1", "two paths", pseudo + [pseudo[2]]),
      refused("8.3.1", "an authority with user information", Array(pseudo[..<3]) + [(":authority", "a@x")]),
      refused("8.3.1", "a host that is not the authority", pseudo + [("host", "other")]),
      refused("8.3.1", "two hosts", Array(pseudo[..<3]) + [("host", "x"), ("host", "x")]),
      refused("8.3.1", "a method that is not a token", [(":method", "G ET")] + pseudo[1...]),
      refused("8.5", "CONNECT with a path", [(":method", "CONNECT")] + pseudo[1...]),
    ] + [
      Case("8.2.2", "te: trailers", served) { try $0.request(1, "/", [("te", "trailers")]) },
      Case("8.3.1", "a host that is the authority", served) { try $0.request(1, "/", [("host", "x")]) },
      Case("8.3.1", "a host without an authority", served) { try $0.head(1, Array(pseudo[..<3]) + [("host", "x")]) },
      Case("8.3.1", "an asterisk", served) {
        try $0.head(1, [(":method", "OPTIONS"), (":scheme", "http"), (":path", "*"), (":authority", "x")])
      },
      Case("8.5", "CONNECT", [.answered(501)]) { try $0.head(1, [(":method", "CONNECT"), (":authority", "x:443")]) },
      Case("8.1", "trailers with a pseudo-header field", [.reset(1)]) {
        try $0.post(1)
        try $0.head(1, [(":method", "GET")])
      },
      Case("8.1.1", "a length below what comes", [.reset(1)]) {
        try $0.post(1, "/", [("content-length", "1")])
        try $0.data(1, [1, 2], endsStream: true)
      },
      Case("8.1.1", "a length below what comes in two frames", [.reset(1)]) {
        try $0.post(1, "/", [("content-length", "1")])
        try $0.data(1, [1])
        try $0.data(1, [1], endsStream: true)
      },
      Case("8.1.1", "a length above what comes", [.reset(1)]) {
        try $0.post(1, "/", [("content-length", "3")])
        try $0.data(1, [1, 2], endsStream: true)
      },
      Case("8.1.1", "two lengths", malformed) {
        try $0.post(1, "/", [("content-length", "1"), ("content-length", "1")])
        try $0.data(1, [1], endsStream: true)
      },
      Case("8.1.1", "a length that is no number", malformed) {
        try $0.post(1, "/", [("content-length", "+1")])
        try $0.data(1, [1], endsStream: true)
      },
      Case("RFC 9110, 10.1.1", "an expectation that nobody can meet", [.answered(417)]) {
        try $0.request(1, "/", [("expect", "gold")])
      },
    ]

  static let flow: [Case] = [
    Case("6.9", "WINDOW_UPDATE of the connection by 0", protocolError) {
      try $0.send(Frame.windowUpdate, 0, 0, [0, 0, 0, 0])
    },
    Case("6.9", "WINDOW_UPDATE of a stream by 0", [.reset(1)] + protocolError) {
      try $0.post(1)
      try $0.send(Frame.windowUpdate, 0, 1, [0, 0, 0, 0])
    },
    Case("6.9", "WINDOW_UPDATE of 3 bytes", frameSize) { try $0.send(Frame.windowUpdate, 0, 0, [0, 0, 1]) },
    Case("6.9.1", "a connection's window above 2^31-1", flowControl) {
      try $0.send(Frame.windowUpdate, 0, 0, [127, 255, 255, 255])
      try $0.send(Frame.windowUpdate, 0, 0, [127, 255, 255, 255])
    },
    Case("6.9.1", "a stream's window above 2^31-1", [.reset(3)] + flowControl) {
      try $0.post(1)
      try $0.send(Frame.windowUpdate, 0, 1, [127, 255, 255, 255])
      try $0.send(Frame.windowUpdate, 0, 1, [127, 255, 255, 255])
    },
    Case("6.9.1", "more than the server's window has room for", flowControl + [.reset(3)]) { client in
      try client.post(1, "/")
      // It may have ended the connection before the last.
      for _ in 0..<100 { try? client.data(1, [UInt8](repeating: 0, count: 16_384)) }
    },
  ]
}

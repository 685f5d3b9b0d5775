import SuiteSupport
import Testing

@testable import GreenWebSocket

/// What a client sends and what comes of it, by the sections of RFC 6455 and the case groups of the Autobahn test suite. Each
/// is tried whole, byte by byte and in pieces of three: with the same outcome.
@Suite(.bounded) struct ProtocolTests {
  struct Case: CustomTestStringConvertible {
    let testDescription: String
    let sent: [[UInt8]]
    var messages: [WebSocketMessage] = []
    /// The code in the close frame that the server sends; `nil` for a frame without one.
    var close: UInt16?
    /// Whether the client is told of a fault.
    var fails = false
    /// The payloads of the pongs.
    var pongs: [[UInt8]] = []

    init(
      _ name: String, _ sent: [UInt8]..., gives messages: [WebSocketMessage] = [], close: UInt16? = nil,
      fails: Bool = false, pongs: [[UInt8]] = []
    ) {
      testDescription = name
      self.sent = sent
      self.messages = messages
      self.close = close
      self.fails = fails
      self.pongs = pongs
    }
  }

  /// What a conversation came to.
  private struct Outcome: Equatable {
    var messages: [WebSocketMessage] = []
    var fails = false
    var close: UInt16?
    var pongs: [[UInt8]] = []
  }

  private func outcome(_ bytes: [UInt8], pieces: Int) -> Outcome {
    let stream = ScriptedStream(bytes, pieces: pieces)
    var configuration = WebSocketConfiguration()
    configuration.maximumMessage = 100_000
    let socket = WebSocket(stream, isServer: true, configuration: configuration)
    var outcome = Outcome()
    do {
      while let message = try socket.receive() { outcome.messages.append(message) }
    } catch { outcome.fails = true }
    // What the server has sent: short frames that are not masked.
    var sent = stream.sent[...]
    while let first = sent.popFirst(), let count = sent.popFirst() {
      let payload = Array(sent.prefix(Int(count)))
      sent = sent.dropFirst(Int(count))
      if first == 0x88 { outcome.close = payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]) }
      if first == 0x8a { outcome.pongs.append(payload) }
    }
    return outcome
  }

  @Test(arguments: framing + fragments + texts + control + closes)
  func itComesToThis(conversation: Case) {
    let bytes = conversation.sent.flatMap { $0 }
    let expected = Outcome(
      messages: conversation.messages, fails: conversation.fails, close: conversation.close, pongs: conversation.pongs)
    for pieces in [Int.max, 1, 3] where pieces != 1 || bytes.count < 20_000 {
      #expect(outcome(bytes, pieces: pieces) == expected)
    }
  }

  private static let long = [UInt8](repeating: 0x2a, count: 65_536)

  /// 5.2: lengths, opcodes, bits and masks.
  static let framing = [
    Case("an empty text", text(""), closing(1000), gives: [.text("")], close: 1000),
    Case("a short text", text("Hello"), closing(1000), gives: [.text("Hello")], close: 1000),
    Case("125 bytes", frame(2, Array(long[..<125])), gives: [.binary(Array(long[..<125]))]),
    Case("126 bytes", frame(2, Array(long[..<126])), gives: [.binary(Array(long[..<126]))]),
    Case("65,535 bytes", frame(2, Array(long[..<65_535])), gives: [.binary(Array(long[..<65_535]))]),
    Case("65,536 bytes", frame(2, long), gives: [.binary(long)]),
    Case("longer than is taken", text("a"), frame(2, long + long), gives: [.text("a")], close: 1009, fails: true),
    Case(
      "longer than is taken, in fragments", frame(2, long, isFinal: false), frame(0, long), close: 1009, fails: true),
    Case(
      "a length of 2^63 - 1", [0x82, 0xff, 0x7f] + [UInt8](repeating: 0xff, count: 7) + [0, 0, 0, 0], close: 1009,
      fails: true),
    Case("not masked", frame(1, Array("Hello".utf8), isMasked: false), close: 1002, fails: true),
    Case("RSV1 without compression", frame(1, [0x48], bits: 0x40), close: 1002, fails: true),
    Case("RSV2", frame(1, [0x48], bits: 0x20), close: 1002, fails: true),
    Case("RSV3 in a ping", frame(9, bits: 0x10), close: 1002, fails: true),
    Case("RSV1 in a ping", frame(9, bits: 0x40), close: 1002, fails: true),
    Case("a reserved opcode after a message", text("a"), frame(3), gives: [.text("a")], close: 1002, fails: true),
    Case("a reserved control opcode", frame(11), close: 1002, fails: true),
    Case("the stream ends", gives: []),
    Case("the stream ends in a head", [0x81]),
    Case("the stream ends in a message", Array(text("Hello").dropLast())),
  ]

  /// 5.4.
  static let fragments = [
    Case(
      "three fragments", text("one ", isFinal: false), more("two ", isFinal: false), more("three", isFinal: true),
      gives: [.text("one two three")]),
    Case(
      "empty fragments", text("", isFinal: false), more("", isFinal: false), more("", isFinal: true), gives: [.text("")]
    ),
    Case(
      "a ping between two", text("one ", isFinal: false), frame(9, [1, 2]), more("two", isFinal: true),
      gives: [.text("one two")], pongs: [[1, 2]]),
    Case("a continuation of nothing", more("x", isFinal: true), close: 1002, fails: true),
    Case(
      "a continuation after the end", text("x"), more("y", isFinal: true), gives: [.text("x")], close: 1002, fails: true
    ),
    Case("a message within another", text("x", isFinal: false), text("y"), close: 1002, fails: true),
    Case("binary after the start of a text", text("x", isFinal: false), frame(2, [1]), close: 1002, fails: true),
  ]

  /// 8.1.
  static let texts = [
    Case("a character cut by fragments", frame(1, [0xce], isFinal: false), frame(0, [0xba]), gives: [.text("κ")]),
    Case("not UTF-8", frame(1, [0xce, 0xba, 0xff]), close: 1007, fails: true),
    Case("not UTF-8 in the first of two fragments", frame(1, [0xf4, 0x90], isFinal: false), close: 1007, fails: true),
    Case("a character without its end", frame(1, [0xce]), close: 1007, fails: true),
    Case("a surrogate", frame(1, [0xed, 0xa0, 0x80]), close: 1007, fails: true),
    Case("the same as bytes", frame(2, [0xed, 0xa0, 0x80]), gives: [.binary([0xed, 0xa0, 0x80])]),
    Case("NUL and U+10FFFF", frame(1, [0, 0xf4, 0x8f, 0xbf, 0xbf]), gives: [.text("\0\u{10ffff}")]),
  ]

  /// 5.5.2 and 5.5.3.
  static let control = [
    Case("a ping is answered with the same", frame(9, Array(long[..<125])), pongs: [Array(long[..<125])]),
    Case("an empty ping", frame(9), pongs: [[]]),
    Case("pings in order", frame(9, [1]), frame(9, [2]), frame(9, [3]), pongs: [[1], [2], [3]]),
    Case("a pong that nobody asked for", frame(10, [7]), text("a"), gives: [.text("a")]),
    Case("a ping of 126 bytes", frame(9, Array(long[..<126])), close: 1002, fails: true),
    Case("a ping in fragments", frame(9, [1], isFinal: false), close: 1002, fails: true),
  ]

  /// 5.5.1 and 7.4.
  static let closes: [Case] =
    [
      Case("a close without a code", frame(8)),
      Case("what follows a close is not read", closing(1000), text("late"), frame(9), close: 1000),
      Case("half of a code", frame(8, [3]), close: 1002, fails: true),
      Case("a reason that is not UTF-8", frame(8, [0x03, 0xe8, 0xff]), close: 1007, fails: true),
      Case("a reason of 123 bytes", closing(1000, String(repeating: "x", count: 123)), close: 1000),
      Case("a reason of 124 bytes", closing(1000, String(repeating: "x", count: 124)), close: 1002, fails: true),
    ]
    + [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map {
      Case("a close with \($0)", closing($0), close: UInt16($0))
    }
    + [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map {
      Case("a close with \($0), which is never sent", closing($0), close: 1002, fails: true)
    }
}

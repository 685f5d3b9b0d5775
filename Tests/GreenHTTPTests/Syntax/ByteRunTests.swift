import SuiteSupport
import Testing

@testable import GreenHTTP

/// What is looked at eight or sixteen bytes at a time, beside what says the same of one byte after the other.
@Suite(.bounded) struct ByteRunTests {
  /// Texts that are `fill` all through but for one byte, of each value, at each place of the first and the last sixteen.
  private func forEachText(_ fill: Character, _ body: ([UInt8], _ place: Int, _ byte: UInt8) -> Void) {
    for count in [1, 7, 8, 9, 15, 16, 17, 24, 31, 33] {
      var text = [UInt8](repeating: fill.asciiValue!, count: count)
      for place in 0..<count where place < 16 || place >= count - 16 {
        for byte in UInt8.min...UInt8.max {
          text[place] = byte
          body(text, place, byte)
        }
        text[place] = fill.asciiValue!
      }
    }
  }

  private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
  private static let token = Set((letters + "0123456789!#$%&'*+-.^_`|~").utf8)

  /// What a head with a text in it is taken for.
  private func parse(_ head: String, _ text: [UInt8], _ rest: String) -> HeadOutcome {
    var parser = HeadParser()
    var parsed = RequestHead()
    let bytes = Array(head.utf8) + text + Array(rest.utf8)
    return bytes.withUnsafeBytes { parser.parse($0, into: &parsed, limits: HTTPLimits()) }
  }

  private func isTaken(_ outcome: HeadOutcome) -> Bool { if case .complete = outcome { true } else { false } }

  @Test func aFieldsValueHasNoControlCharacters() {
    var wrong: [[UInt8]] = []
    forEachText("a") { text, _, byte in
      let expected = byte >= 0x20 ? byte != 0x7f : byte == 0x09
      let isValue = text.withUnsafeBytes { isFieldValue($0.baseAddress!, count: $0.count) }
      if isValue != expected { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }

  @Test(arguments: ["a", "-", "Z"] as [Character]) func aFieldsNameIsAToken(fill: Character) {
    var wrong: [[UInt8]] = []
    forEachText(fill) { text, place, byte in
      // After a colon comes the value.
      let expected = byte == 0x3a ? place > 0 : Self.token.contains(byte)
      if isTaken(parse("GET / HTTP/1.1\r\nHost: a\r\n", text, ":\r\n\r\n")) != expected { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }

  @Test func aTargetIsVisibleASCIIWithoutAFragment() {
    var wrong: [[UInt8]] = []
    forEachText("a") { text, _, byte in
      let expected = (0x21...0x7e).contains(byte) && byte != 0x23
      let head = parse("GET /", text, " HTTP/1.1\r\nHost: a\r\n\r\n")
      if isTaken(head) != expected { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }

  @Test(arguments: ["a", "1", ".", "-"] as [Character]) func aHostHasTheCharactersOfNames(fill: Character) {
    let name = Set((Self.letters + "0123456789-._~!$&'()*+,;=").utf8)
    var wrong: [[UInt8]] = []
    forEachText(fill) { text, place, byte in
      // A port and escapes have tests of their own.
      if byte == 0x3a || byte == 0x25 || byte == 0x5b { return }
      let isHost = text.withUnsafeBytes { Authority.isWellFormed($0.baseAddress!, count: $0.count) }
      if isHost != name.contains(byte) { wrong.append(text) }
      let withPort = text + Array(":8080".utf8)
      let isWithPort = withPort.withUnsafeBytes { Authority.isWellFormed($0.baseAddress!, count: $0.count) }
      if isWithPort != name.contains(byte) { wrong.append(withPort) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }
}

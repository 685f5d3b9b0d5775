import Green
import GreenHTTP
import SuiteSupport
import Testing

/// Headers of the PROXY protocol, as its specification has them, and what is not one.
@Suite(.bounded) struct ProxyHeaderTests {
  /// What comes of bytes that arrive in the given steps, each time with all before them.
  private func outcome(_ bytes: [UInt8], _ spoken: ProxyProtocol = .auto, steps: [Int]) -> String {
    for count in steps {
      let outcome = bytes[..<count].withUnsafeBytes { ProxyHeader.parse($0, speaking: spoken) }
      switch outcome {
      case .incomplete: continue
      case .bad(let fault): return "\(fault)"
      case .complete(let length, let header):
        let addresses = header.addresses.map { "\($0.source) \($0.destination)" } ?? "unknown"
        return "\(length) \(addresses)"
      }
    }
    return "incomplete"
  }

  /// The same for the whole, byte by byte, and in random pieces, if it is.
  private func outcome(_ bytes: [UInt8], _ spoken: ProxyProtocol = .auto) throws -> String {
    let whole = outcome(bytes, spoken, steps: [bytes.count])
    #expect(outcome(bytes, spoken, steps: Array(0...bytes.count)) == whole, "byte by byte: \(bytes)")
    for seed in 0..<5 {
      var random = Seeded(UInt64(seed))
      let steps = (0..<6).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted() + [bytes.count]
      #expect(outcome(bytes, spoken, steps: steps) == whole, "at \(steps): \(bytes)")
    }
    return whole
  }

  @Test(arguments: [
    ("PROXY TCP4 192.0.2.1 198.51.100.2 40312 443\r\nGET /", "45 192.0.2.1:40312 198.51.100.2:443"),
    ("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "44 [2001:db8::1]:1 [2001:db8::2]:65535"),
    ("PROXY UNKNOWN\r\n", "15 unknown"),
    ("PROXY UNKNOWN ffff::1 anything at all\r\nGET", "39 unknown"), ("PROXY UNKNOWN \u{301}\r\n", "18 unknown"),
  ]) func `a line of version 1 is read`(text: String, expected: String) throws {
    #expect(try outcome(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n", "missing"), ("PROXZ TCP4", "missing"), ("\r\n\r\nPROXY", "missing"),
    ("proxy TCP4", "missing"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 40312\r\n", "form"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 40312 443 \r\n", "form"),
    ("PROXY  TCP4 192.0.2.1 198.51.100.2 40312 443\r\n", "form"),
    ("PROXY TCP5 192.0.2.1 198.51.100.2 40312 443\r\n", "form"),
    ("PROXY tcp4 192.0.2.1 198.51.100.2 40312 443\r\n", "form"),
    ("PROXY \r\n", "form"), ("PROXY \u{301}\r\n", "form"), ("PROXY\u{20}\u{301}UNKNOWN\r\n", "form"),
    ("PROXY TCP4\u{600} 192.0.2.1 198.51.100.2 40312 443\r\n", "form"),
    ("PROXY TCP4 192.0.2.1\u{600} 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 40312 443\n", "form"),
    ("PROXY TCP4 192.0.2.1\r198.51.100.2 40312 443\r\n", "form"),
    ("PROXY TCP4 192.0.2.01 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP4 192.0.2 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP4 192.0.2.256 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP4 ::1 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP6 192.0.2.1 ::1 40312 443\r\n", "address"),
    ("PROXY TCP4 192.0.2.1\0 198.51.100.2 40312 443\r\n", "address"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 040312 443\r\n", "port"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n", "port"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n", "port"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 +1 443\r\n", "port"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2  443\r\n", "port"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 1 ٣\r\n", "port"),
    ("PROXY UNKNOWN " + String(repeating: "x", count: 100) + "\r\n", "length"),
    (String(repeating: "PROXY ", count: 40), "length"),
    ("PROXY TCP4 192.0.2.1 198.51.100.2 40312 443", "incomplete"), ("P", "incomplete"), ("", "incomplete"),
  ]) func `what is no line of version 1 is refused`(text: String, expected: String) throws {
    #expect(try outcome(Array(text.utf8)) == expected)
  }

  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
  private static let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0x9d, 0x78, 1, 0xbb]

  private func header(_ rest: [UInt8], command: UInt8 = 0x21, family: UInt8 = 0x11, length: Int? = nil) -> [UInt8] {
    let length = length ?? rest.count
    return Self.signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
  }

  @Test func `a header of version 2 is read`() throws {
    #expect(try outcome(header(Self.v4) + [71]) == "28 192.0.2.1:40312 198.51.100.2:443")
    let v6: [UInt8] = [0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1]
    #expect(
      try outcome(header(v6 + v6 + [0, 1, 255, 255], family: 0x21)) == "52 [2001:db8::1]:1 [2001:db8::1]:65535")
    var path = Array("/run/a".utf8)
    path += Array(repeating: 0, count: 108 - path.count)
    #expect(try outcome(header(path + path, family: 0x31)) == "232 unix:/run/a unix:/run/a")
    #expect(try outcome(header([], command: 0x20, family: 0)) == "16 unknown", "a look of the proxy's own")
    #expect(try outcome(header([1, 2, 3], command: 0x20, family: 0x99)) == "19 unknown", "whose addresses are ignored")
    #expect(try outcome(header([1, 2, 3], family: 0)) == "19 unknown")
    let facts: [UInt8] = [1, 0, 2, 0x68, 0x32, 4, 0, 0]
    #expect(try outcome(header(Self.v4 + facts)) == "36 192.0.2.1:40312 198.51.100.2:443")
  }

  @Test func `what is no header of version 2 is refused`() throws {
    #expect(try outcome(header(Self.v4, command: 0x11)) == "version")
    #expect(try outcome(header(Self.v4, command: 0x22)) == "command")
    #expect(try outcome(header(Self.v4, family: 0x12)) == "transport", "a datagram")
    #expect(try outcome(header(Self.v4, family: 0x41)) == "transport")
    #expect(try outcome(header(Self.v4, family: 0x01)) == "transport")
    #expect(try outcome(header(Array(Self.v4.dropLast()))) == "length")
    #expect(try outcome(header(Self.v4, family: 0x21)) == "length")
    #expect(try outcome(header(Self.v4, length: 4081)) == "length", "longer than anybody needs")
    #expect(try outcome(header([], length: 65535)) == "length")
    for facts: [UInt8] in [[1], [1, 0], [1, 0, 2, 7], [1, 255, 255, 0], [1, 0, 0, 9]] {
      #expect(try outcome(header(Self.v4 + facts)) == "length", "\(facts)")
    }
    #expect(try outcome(header(Self.v4, length: 13)) == "incomplete")
    #expect(try outcome(Array(Self.signature.dropLast()) + [0, 0x21]) == "missing")
  }

  @Test func `a version that is not spoken is refused`() throws {
    let text = Array("PROXY UNKNOWN\r\n".utf8)
    #expect(try outcome(text, .v2) == "version" && outcome(text, .v1) == "15 unknown")
    #expect(try outcome(header(Self.v4), .v1) == "version")
    #expect(try outcome(header(Self.v4), .v2).hasPrefix("28 "))
    #expect(try outcome(Array("PROXZ".utf8), .v2) == "missing", "as it turns out")
  }

  @Test func `nothing that is mutated does harm`() throws {
    var random = Seeded(7)
    let seeds = [Array("PROXY TCP4 192.0.2.1 198.51.100.2 40312 443\r\n".utf8), header(Self.v4 + [1, 0, 1, 65])]
    for round in 0..<20_000 {
      var bytes = seeds[round % 2]
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        }
      }
      let whole = outcome(bytes, steps: [bytes.count])
      #expect(outcome(bytes, steps: Array(0...bytes.count)) == whole, "\(bytes)")
    }
  }
}

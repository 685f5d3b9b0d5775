import SuiteSupport
import TestSupport
import Testing

/// Heads in each representation that HPACK (RFC 7541) has, right and wrong. The cases are h2spec's.
@Suite(.bounded) struct PackingTests {
  @Test(arguments: right + wrong)
  func theClientIsServedOrRefused(_ one: FrameTests.Case) throws { try one.check() }

  // :method GET, :scheme http, :path /, by their numbers in the static table.
  private static let indexed: [UInt8] = [0x82, 0x86, 0x84]
  private static let authority: [UInt8] = [0x41, 0x01] + Array("x".utf8)

  private static func block(_ section: String, _ what: String, _ block: [UInt8]) -> FrameTests.Case {
    FrameTests.Case("RFC 7541, " + section, what, FrameTests.served) { try $0.send(Frame.headers, 5, 1, block) }
  }

  private static let right: [FrameTests.Case] = [
    block("6.1", "fields by their numbers in the static table", indexed + authority),
    block(
      "6.2.1", "a literal that is remembered, its name by its number",
      indexed + authority + [0x7a, 0x01] + Array("y".utf8)),
    block(
      "6.2.1", "a literal that is remembered, and named in the same head",
      indexed + authority + [0x40, 1, 0x79, 1, 0x7a, 0xbe]),
    block("6.2.2", "a literal that is not remembered", indexed + [0x01, 0x01] + Array("x".utf8)),
    block("6.2.2", "a literal that is not remembered, with its name", indexed + authority + [0x00, 1, 0x79, 1, 0x7a]),
    block("6.2.3", "a literal that is never to be remembered", indexed + [0x11, 0x01] + Array("x".utf8)),
    block(
      "6.2.3", "a literal that is never to be remembered, with its name",
      indexed + authority + [0x10, 1, 0x79, 1, 0x7a]),
    // C.4.1: www.example.com.
    block(
      "5.2", "a Huffman code",
      indexed + [0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff]),
    block(
      "5.1", "a number in more bytes than it needs",
      indexed + authority + [0x00, 1, 0x79, 0x7f, 0x80, 0x80, 0x00] + [UInt8](repeating: 0x7a, count: 127)),
    block("6.3", "a smaller table", [0x20] + indexed + authority),
    block("6.3", "two sizes one after the other", [0x20, 0x3f, 0xe1, 0x1f] + indexed + authority),
    block(
      "4.2", "a table that is emptied, and filled again",
      [0x20, 0x3f, 0xe1, 0x1f] + indexed + authority + [0x40, 1, 0x79, 1, 0x7a, 0xbe]),
  ]

  private static func bad(_ section: String, _ what: String, _ block: [UInt8]) -> FrameTests.Case {
    FrameTests.Case("RFC 7541, " + section, what, FrameTests.compression) { try $0.send(Frame.headers, 5, 1, block) }
  }

  private static let wrong: [FrameTests.Case] = [
    bad("2.3.3", "an index that there is not", [0xff, 0x00]),
    bad("2.3.3", "an index of an empty table", indexed + authority + [0xff, 0x20]),
    bad("2.3.3", "a literal whose name is an index that there is not", indexed + [0x7f, 0x40, 0x01, 0x78]),
    bad("4.2", "a size update at the end", FieldCoding.block(FrameTests.pseudo) + [0x20]),
    bad("4.2", "a size update between fields", indexed + [0x20] + authority),
    bad("5.1", "a number above 2^31", indexed + [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    bad(
      "5.1", "a number without an end", indexed + [0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
    bad("5.2", "a Huffman code with too much padding", [0x00, 0x81, 0xff, 0x81, 0xff]),
    bad(
      "5.2", "a Huffman code padded with zeros",
      indexed + [0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0x00]),
    bad("5.2", "the Huffman code of the end", indexed + [0x41, 0x84, 0xff, 0xff, 0xff, 0xff]),
    bad("5.2", "a text that is longer than the head", indexed + [0x41, 0x10, 0x78]),
    bad("6.1", "index 0", [0x80]),
    bad("6.2", "a literal that ends after its name", indexed + [0x40, 0x01, 0x79]),
    bad("6.3", "a table above the limit", [0x3f, 0xe2, 0x1f] + FieldCoding.block(FrameTests.pseudo)),
  ]

  /// RFC 7541, 2.3.2: what one head has had remembered the next may name, and what has been pushed out of the table it may not.
  @Test func aTableIsForTheWholeConnection() throws {
    let remembered: [UInt8] = Self.indexed + Self.authority + [0x40, 1, 0x79, 1, 0x7a]
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.send(Frame.headers, 5, 1, remembered)
      try #expect(client.outcome(of: 1) == .answered(200))
      // The latest is 62, the authority 63.
      try client.send(Frame.headers, 5, 3, Self.indexed + [0xbf, 0xbe])
      try #expect(client.outcome(of: 3) == .answered(200))
      try client.send(Frame.headers, 5, 5, [0x20, 0x3f, 0xe1, 0x1f] + Self.indexed + [0xbf])
      try #expect(FrameTests.compression.contains(client.outcome(of: 5)))
      try client.close()
    }
  }
}

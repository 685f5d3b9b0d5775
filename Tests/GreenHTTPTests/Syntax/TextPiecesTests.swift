import GreenHTTP
import SuiteSupport
import Testing

/// Text is taken apart at its bytes, whatever stands beside them.
@Suite(.bounded) struct TextPiecesTests {
  /// A mark that combines with what goes before it, and a sign that joins what comes after it.
  private static let joiners = ["\u{301}", "\u{fe0f}", "\u{200d}", "\u{600}"]

  @Test(arguments: joiners)
  func whatJoinsDoesNotHideASeparator(_ joiner: String) {
    for text in ["a\(joiner),b", "a,\(joiner)b", "a,b"] {
      let pieces = text.pieces(between: ",")
      #expect(pieces.count == 2)
      #expect(pieces.map { Array($0.utf8) } == text.utf8.split(separator: 0x2c).map { Array($0) })
      #expect(text.before(",").utf8.elementsEqual(pieces[0].utf8))
    }
    #expect(" \(joiner)a\(joiner) \t".trimmed.utf8.elementsEqual("\(joiner)a\(joiner)".utf8))
    #expect("/\(joiner)".begins(with: "/") && "\(joiner)/".ends(with: "/"))
    #expect("q=\(joiner)".dropping(bytes: 2).utf8.elementsEqual(joiner.utf8))
    #expect("\(joiner), Upgrade".lists("upgrade") && "x\(joiner),upgrade".lists("upgrade"))
  }

  @Test func aLineEndsInEitherWay() {
    #expect("a\nb\r\nc".lines == ["a", "b", "c"] && "a\r\n".lines == ["a", ""] && "".lines == [""])
    #expect("\r\n\n\r".lines == ["", "", ""] && "a\rb\u{2028}c".lines == ["a\rb\u{2028}c"])
  }

  @Test func anotherCharacterIsNoSeparator() {
    // The Greek question mark, which Unicode takes for the same as a semicolon.
    #expect("a\u{37e}b".pieces(between: ";").count == 1)
  }

  @Test func thereAreAsManyPiecesAsThereMayBe() {
    #expect("a,b,c".pieces(between: ",", most: 2) == ["a", "b,c"])
    #expect(",".pieces(between: ",") == ["", ""])
    #expect("".pieces(between: ",") == [""])
    #expect("".before(",").isEmpty && "a".dropping(bytes: 2).isEmpty)
    #expect(!"".begins(with: "/") && !"".ends(with: "/"))
    #expect([" \t ", "", "a b"].map(\.trimmed) == ["", "", "a b"])
  }
}

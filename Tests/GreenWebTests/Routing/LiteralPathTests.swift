import SuiteSupport
import Testing

@testable import GreenWeb

/// Paths that are written out, found by one look.
@Suite(.bounded) struct LiteralPathTests {
  private func endpoint(_ text: String, in paths: LiteralPaths) -> Int32 {
    Array(text.utf8).withUnsafeBytes { paths.endpoint(of: $0) }
  }

  @Test func eachIsFoundAndNothingElse() {
    // Of all lengths, some of which differ in one byte at any place.
    var texts = (0...40).map { "/" + String(repeating: "a", count: $0) }
    for length in 1...20 {
      for place in 0..<length {
        let text = String(repeating: "a", count: place) + "b" + String(repeating: "a", count: length - place - 1)
        texts.append("/" + text)
      }
    }
    let paths = LiteralPaths(texts.enumerated().map { (Array($1.utf8), Int32($0)) })
    defer { paths.deallocate() }
    for (index, text) in texts.enumerated() {
      #expect(endpoint(text, in: paths) == index)
      for other in [text + "/", text + "c", String(text.dropLast()) + "c", "c" + text] {
        #expect(endpoint(other, in: paths) == texts.firstIndex(of: other).map { Int32($0) } ?? -1)
      }
    }
    #expect(endpoint("", in: paths) == -1)
  }

  @Test func thereMayBeNone() {
    let paths = LiteralPaths([])
    defer { paths.deallocate() }
    for text in ["", "/", "/a", "/aaaaaaaaaaaaaaaaaaaaaaa"] { #expect(endpoint(text, in: paths) == -1) }
  }
}

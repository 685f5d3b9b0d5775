import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Bodies as text and as lines.
@Suite(.bounded) struct BodyTextTests {
  private func request(_ body: [UInt8]) throws -> Request { try Request(.post, "/", body: body) }

  private func lines(_ text: String, longest: Int = 65_536) throws -> [String] {
    var lines = try request(Array(text.utf8)).body.lines(longest: longest)
    var all: [String] = []
    while let line = try lines.next() { all.append(line) }
    return all
  }

  @Test func aBodyIsText() throws {
    #expect(try request(Array("é\r\n".utf8)).body.text() == "é\r\n")
    #expect(try request([]).body.text() == "")
    let error = #expect(throws: HTTPError.self) { try request([0x61, 0xff]).body.text() }
    #expect(error?.status == .badRequest)
  }

  @Test func linesEndInEitherWay() throws {
    #expect(try lines("") == [])
    #expect(try lines("a") == ["a"])
    #expect(try lines("a\n") == ["a"])
    #expect(try lines("a\r\n\nb\rc\r\n\r") == ["a", "", "b\rc", "\r"])
    #expect(try lines("\n\n") == ["", ""])
  }

  @Test func linesOfALongBodyAreReadOneAfterTheOther() throws {
    let all = (0..<20_000).map { "line \($0)" }
    #expect(try lines(all.joined(separator: "\r\n")) == all)
  }

  @Test func aLineThatIsTooLongIsRefused() throws {
    #expect(try lines("12345\r\n12345\n12345", longest: 5) == ["12345", "12345", "12345"])
    for text in ["123456", "123456\n", "1\n123456\r\n", String(repeating: "x", count: 100_000)] {
      let error = #expect(throws: HTTPError.self) { try lines(text, longest: 5) }
      #expect(error?.status == .contentTooLarge, "\(text.prefix(20).debugDescription)")
    }
  }

  @Test func linesOfAChunkedBodyAreCutAtLinesAlone() {
    let handler = Handler { request in
      var lines = request.body.lines()
      var all: [String] = []
      while let line = try lines.next() { all.append(line) }
      return Response(all.joined(separator: "|"))
    }
    let body = "3\r\na\r\n\r\n2\r\nbc\r\n4\r\n\nd\ne\r\n0\r\n\r\n"
    for seed in [nil, 1, 2] as [UInt64?] {
      let stream = ScriptedStream.pieces(Array((ChunkedBodyTests.head + "\r\n" + body).utf8), seed: seed)
      #expect(serve(stream, with: handler).map(\.body) == ["a|bc|d|e"])
    }
  }
}

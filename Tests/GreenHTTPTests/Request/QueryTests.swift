import GreenHTTP
import SuiteSupport
import Testing

@Suite(.bounded) struct QueryTests {
  private func pairs(_ query: String) throws -> [String] {
    try Request(.get, "/?\(query)").query.elements.map { "\($0.name)=\($0.value)" }
  }

  /// As URLSearchParams of the URL standard has them.
  @Test(arguments: [
    ("a=1&b=2", ["a=1", "b=2"]), ("a=1&a=2", ["a=1", "a=2"]), ("a", ["a="]), ("a=", ["a="]), ("=a", ["=a"]),
    ("a=b=c", ["a=b=c"]), ("&&a=1&&", ["a=1"]), ("a+b=c+d", ["a b=c d"]), ("%61=%62%2B", ["a=b+"]),
    ("a=%zz%4", ["a=%zz%4"]), ("a=%ff", ["a=\u{fffd}"]), ("caf%C3%A9=%E2%82%AC", ["café=€"]), ("a=%00", ["a=\u{0}"]),
    ("", []),
  ])
  func fieldsAreDecoded(query: String, expected: [String]) throws {
    #expect(try pairs(query) == expected)
  }

  @Test func fieldsAreMembersToo() throws {
    let query = try Request(.get, "/?page=2&count=3&page=4&per+page=5").query
    #expect(query.page == "2" && query.all("page") == ["2", "4"])
    #expect(query.count == "3" && query["per page"] == "5" && query.none == nil)
    #expect(try Request(.get, "/").query == [:])
    #expect(try Request(.get, "/?a=1").rawQuery == "a=1")
  }

  @Test func manyFieldsAreRead() throws {
    let text = (0..<1_000).map { "\($0)=" }.joined(separator: "&")
    #expect(try pairs(text).count == 1_000)
  }
}

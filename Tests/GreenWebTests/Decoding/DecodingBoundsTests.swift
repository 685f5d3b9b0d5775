import GreenHTTP
import GreenWeb
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import Testing

private struct Sizes: Decodable, Sendable {
  var small: UInt8
  var wide: Int64
  var positive: UInt
}

private struct Tree: Decodable, Sendable {
  var name: String
  var children: [Tree]?
}

/// The bounds of what is decoded, and of what is said of it.
@Suite(.bounded) struct DecodingBoundsTests {
  private func fields(_ response: TestResponse) throws -> [String] {
    #expect(response.status == .unprocessableContent, "\(response.text)")
    return try response.json(InvalidInput.self).errors.map(\.field)
  }

  @Test func numbersThatDoNotFitTheirTypesAreNamed() throws {
    let app = App()
    app.get("/") { (_, sizes: Query<Sizes>) in "\(sizes.small) \(sizes.wide) \(sizes.positive)" }
    app.post("/") { (_, sizes: Body<Sizes>) in "\(sizes.small) \(sizes.wide) \(sizes.positive)" }
    let client = app.testClient()
    let fitting = ["small": "255", "wide": "\(Int64.min)", "positive": "\(UInt.max)"]
    let text = "255 \(Int64.min) \(UInt.max)"
    let query = fitting.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    #expect(try client.get("/?\(query)").text == text)
    let form = try client.post("/", form: ["small": "255", "wide": "\(Int64.min)", "positive": "\(UInt.max)"])
    #expect(form.text == text)
    let json = fitting.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    func post(_ body: String) throws -> TestResponse {
      try client.post("/", headers: [.contentType: "application/json"], body: Array(body.utf8))
    }
    #expect(try post("{\(json)}").text == text)
    let names = ["small", "wide", "positive"]
    #expect(try fields(client.get("/?small=256&wide=9223372036854775808&positive=-1")) == names)
    #expect(
      try fields(client.post("/", form: ["small": "-1", "wide": "-9223372036854775809", "positive": "1e3"])) == names)
    #expect(try fields(post(#"{"small":256,"wide":9223372036854775808,"positive":-1}"#)) == names)
  }

  @Test func aPathWithANumberThatDoesNotFitIsNotThere() throws {
    let app = App()
    app.get("/{id}") { (_, id: Int) in "\(id)" }
    let client = app.testClient()
    for number in [Int.min, -1, 0, Int.max] { #expect(try client.get("/\(number)").text == "\(number)") }
    for text in ["9223372036854775808", "-9223372036854775809", "1e3", "0x10", "1_000", "%D9%A3", "%2B", ""] {
      #expect(try client.get("/\(text)").status == .notFound, "\(text)")
    }
  }

  @Test func allFaultsAreToldToADepthAndTheFirstBelowIt() throws {
    let app = App()
    app.post("/") { (_, _: Body<Tree>) in "right" }
    func found(_ depth: Int) throws -> [String] {
      let body =
        String(repeating: #"{"name":"a","children":["#, count: depth) + #"{"children":7}"#
        + String(repeating: "]}", count: depth)
      let path = String(repeating: "children.0.", count: depth)
      let answer = try app.testClient().post(
        "/", headers: [.contentType: "application/json"], body: Array(body.utf8))
      return try fields(answer).map { String($0.dropFirst(path.count)) }
    }
    #expect(try found(2) == ["name", "children"])
    #expect(try found(30) == ["name"])
  }
}

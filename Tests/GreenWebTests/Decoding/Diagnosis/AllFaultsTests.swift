import Foundation
import GreenHTTP
import GreenTesting
import GreenWeb
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import Testing

private struct Order: Decodable, Sendable, Validated {
  var title: String
  var kind: Kind
  var count: UInt8
  var due: Date
  var site: URL?
  var address: Address
  var lines: [Line]
  var prices: [String: Double]
  var note: String?
  var start: Int
  var end: Int

  enum Kind: String, Codable, CaseIterable { case gift, sale }

  struct Address: Decodable, Sendable, Validated {
    var street: String
    var number: Int
    func validate(_ check: inout Validation) { check("street", street, .count(1...10)) }
  }

  struct Line: Decodable, Sendable {
    var article: String
    var amount: Int
  }

  func validate(_ check: inout Validation) {
    check("title", title, .count(1...10))
    check("count", count, .range(1...9))
    check("lines", lines, .notEmpty)
    check("address", address)
    check("start", start, .range(0...))
    check("end", end > start, "must be after 'start'")
  }
}

/// One of two kinds of value, by the field itself.
private struct Either: Decodable, Sendable {
  var value: String
  var size: Int
  var colour: Colour

  enum Colour: String, Decodable { case red, green }
  private enum Key: CodingKey { case value, size, colour }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let number = try? container.decode(Int.self, forKey: .value) {
      value = "number \(number)"
    } else {
      value = try container.decode(String.self, forKey: .value)
    }
    size = try container.decode(Int.self, forKey: .size)
    colour = try container.decode(Colour.self, forKey: .colour)
  }
}

private struct Tree: Decodable, Sendable {
  var name: String
  var children: [Tree]?
}

private final class Chain: Decodable, Sendable {
  let name: String
  let next: Chain
}

private struct Page: Decodable, Sendable {
  var offset: Int
  var limit: Int
}

private struct Visitor: RequestInput {
  init(request: Request) throws {
    if request.header(.authorization) == nil { throw HTTPError(.unauthorized, "log in first") }
  }
}

@Suite(.bounded) struct AllFaultsTests {
  /// What is wrong, as `field message`.
  private func faults(_ response: TestResponse) throws -> [String] {
    #expect(response.status == .unprocessableContent, "\(response.text)")
    return try response.json(InvalidInput.self).errors.map { "\($0.field) \($0.message)" }
  }

  private func faults<Value: Decodable & Sendable>(_ type: Value.Type, _ json: String) throws -> [String] {
    let app = App()
    app.post("/") { (_, _: Body<Value>) in "right" }
    return try faults(app.testClient().post("/", headers: [.contentType: "application/json"], body: Array(json.utf8)))
  }

  @Test func allFieldsThatAreMissingAreNamed() throws {
    let missing = ["title", "kind", "count", "due", "address", "lines", "prices", "start", "end"]
    #expect(try faults(Order.self, "{}") == missing.map { "\($0) is missing" })
  }

  @Test func allFieldsThatAreWrongAreNamedWhereverTheyLie() throws {
    let body = """
      {"title":1,"kind":"x","count":300,"due":"soon","site":7,"address":{"street":[],"number":"x"},
       "lines":[{"article":"a","amount":1},{"amount":"b"},7],"prices":{"b":"x","a":1,"c":null},"note":{},"start":0,"end":1.5}
      """
    let found = try faults(Order.self, body)
    #expect(
      found == [
        "title must be a string", "kind has a value that it cannot have", "count must be an integer from 0 to 255",
        "due has a value that it cannot have", "site must be a string", "address.street must be a string",
        "address.number must be an integer", "lines.1.article is missing", "lines.1.amount must be an integer",
        "lines.2 must be an object", "prices.b must be a number", "prices.c must not be null, but a number",
        "note must be a string", "end must be an integer from \(Int.min) to \(Int.max)",
      ])
  }

  @Test func whatIsNotValidOfTheRestIsToldToo() throws {
    // `start` is looked at; `end` is not, whose condition is about two fields, nor what a stand-in would not be valid as.
    let body = """
      {"title":"much too long a title","kind":"gift","count":"x","due":"2026-11-29T20:51:39Z",
       "address":{"street":"","number":null},"lines":[1],"prices":{},"start":-1,"end":-2}
      """
    #expect(
      try faults(Order.self, body) == [
        "count must be an integer", "address.number must not be null, but an integer", "lines.0 must be an object",
        "title must have 1 to 10 characters", "address.street must have 1 to 10 characters", "start must be at least 0",
      ])
  }

  @Test func aFieldThatMayBeOfTwoKindsIsNamedWhereItIsNeither() throws {
    let both = try faults(Either.self, #"{"value":1,"size":"x","colour":"blue"}"#)
    #expect(both.map { $0.prefix(5) } == ["size ", "colou"])
    #expect(try faults(Either.self, #"{"value":"x","size":"x","colour":"red"}"#) == ["size must be an integer"])
    #expect(try faults(Either.self, #"{"value":[],"colour":"red"}"#) == ["value must be a string", "size is missing"])
  }

  @Test func withoutAStandInTheRestIsNotLookedAt() throws {
    struct Choice: Decodable, Sendable {
      var colour: Either.Colour
      var size: Int
    }
    #expect(try faults(Choice.self, #"{"colour":"blue"}"#) == ["colour has a value that it cannot have"])
    #expect(try faults(Choice?.self, #"{"colour":"red"}"#) == ["size is missing"])
    #expect(try faults(Chain.self, #"{"next":{"next":{"name":1}}}"#).first == "name is missing")
  }

  @Test func everythingElseIsToldAsBefore() throws {
    #expect(try faults(Int.self, "1.5") == [" must be an integer from \(Int.min) to \(Int.max)"])
    #expect(try faults([Int].self, "{}") == [" must be an array"])
    #expect(try faults([Int].self, #"[1,"x",2.5]"#).map { $0.prefix(9) } == ["1 must be", "2 must be"])
    #expect(try faults(Set<UUID>.self, #"["x"]"#) == ["0 has a value that it cannot have"])
    let colours = try faults([[Either.Colour]].self, #"[["red","x"],["y"],7]"#)
    #expect(colours.map { $0.prefix(4) } == ["0.1 ", "1.0 ", "2 mu"])
    #expect(try faults(Order.self, "[]") == [" must be an object"])
  }

  @Test func whatIsSaidOfOneRequestIsBounded() throws {
    let many = "[" + [String](repeating: #"{"article":1}"#, count: 50_000).joined(separator: ",") + "]"
    #expect(try faults([Order.Line].self, many).count == 100)
    let names = "{" + (0..<50_000).map { "\"n\($0)\":[]" }.joined(separator: ",") + "}"
    #expect(try faults([String: Int].self, names).count == 100)
    let deep = [String](repeating: #"{"name":"a","children":["#, count: 50)
    let tree = deep.joined() + "{}" + [String](repeating: "]}", count: 50).joined()
    let path = [String](repeating: "children.0.", count: 50).joined()
    #expect(try faults(Tree.self, tree) == ["\(path)name is missing"])
  }

  @Test func queriesAndFormsAreToldLikewise() throws {
    struct Search: Decodable, Sendable, Validated {
      var text: String
      var page: Int
      var tags: [Int]
      var since: Date?
      var kind: Order.Kind
      func validate(_ check: inout Validation) { check("text", text, .notEmpty) }
    }
    let app = App()
    app.get("/") { (_, _: Query<Search>) in "right" }
    app.post("/") { (_, _: Body<Search>) in "right" }
    let expected = [
      "page must be an integer", "tags.1 must be an integer", "since has a value that it cannot have",
      "kind is missing", "text must not be empty",
    ]
    let fields = "text=&page=x&tags=1&tags=b&since=soon"
    let client = app.testClient()
    #expect(try faults(client.get("/?\(fields)")).map { $0.prefix(4) } == expected.map { $0.prefix(4) })
    let form = try client.post(
      "/", headers: [.contentType: "application/x-www-form-urlencoded"], body: Array(fields.utf8))
    #expect(try faults(form).map { $0.prefix(4) } == expected.map { $0.prefix(4) })
    #expect(try faults(client.get("/")) == ["text", "page", "tags", "kind"].map { "\($0) is missing" })
  }

  @Test func allInputsOfAHandlerAreTold() throws {
    let app = App()
    app.post("/both") { (_, _: Query<Page>, _: Body<Order.Line>) in "right" }
    app.post("/behind") { (_, _: Query<Page>, _: Visitor, _: Body<Order.Line>) in "right" }
    app.post("/before") { (_, _: Visitor, _: Body<Order.Line>, _: Query<Page>) async in "right" }
    app.post("/own") { (request, _: Query<Page>, _: Body<Order.Line>) -> String in throw InvalidInput("own", "is wrong")
    }
    let client = app.testClient()
    func ask(_ target: String, _ body: String = "{}") throws -> TestResponse {
      try client.post(target, headers: [.contentType: "application/json"], body: Array(body.utf8))
    }
    let page = ["offset must be an integer", "limit is missing"]
    let line = ["article is missing", "amount is missing"]
    #expect(try faults(ask("/both?offset=x")) == page + line)
    #expect(try faults(ask("/both?offset=1&limit=2")) == line)
    #expect(try faults(ask("/both?offset=x", #"{"article":"a","amount":1}"#)) == page)
    #expect(try ask("/both?offset=1&limit=1", "{").status == .badRequest)
    #expect(try faults(ask("/both?offset=x", "{")) == page)
    // Who is not logged in is told of nothing that lies behind the login.
    #expect(try faults(ask("/behind?offset=x")) == page)
    #expect(try ask("/behind?offset=1&limit=1").status == .unauthorized && ask("/before").status == .unauthorized)
    #expect(try faults(ask("/own?offset=1&limit=1", #"{"article":"a","amount":1}"#)) == ["own is wrong"])
  }

  /// Bodies that are wrong in places by chance: the diagnosis names as many as there are, in time, and nothing is made up.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func whateverIsWrongIsNamed(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let right = [
      "title": "\"a\"", "kind": "\"sale\"", "count": "5", "due": "\"2026-11-29T20:51:39Z\"", "site": "\"/a\"",
      "lines": #"[{"article":"a","amount":1}]"#, "prices": "{}", "note": "null", "start": "1", "end": "2",
      "address": #"{"street":"a","number":1}"#,
    ]
    let wrong = right.keys.sorted().filter { _ in Bool.random(using: &generator) }
    let body = right.map { name, value in "\"\(name)\":\(wrong.contains(name) ? "[[true]]" : value)" }
    guard !wrong.isEmpty else { return }
    let found = try faults(Order.self, "{" + body.joined(separator: ",") + "}")
    let names = found.map { $0.split(separator: " ")[0].split(separator: ".")[0] }
    #expect(names.map(String.init).sorted() == wrong)
  }
}

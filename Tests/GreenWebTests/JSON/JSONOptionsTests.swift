import Foundation
import GreenTesting
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import Testing

@testable import GreenWeb

@Suite(.bounded) struct JSONOptionsTests {
  struct Note: Codable, Equatable {
    var noteID = 1
    var createdAt = Date(timeIntervalSince1970: 1_764_449_499)
    var author: Author? = Author()
    var isDone: Bool?
    var wordCounts: [String: Int] = ["firstWord": 2]

    enum CodingKeys: String, CodingKey { case noteID = "noteId", createdAt, author, isDone, wordCounts }
  }
  struct Author: Codable, Equatable {
    var fullName = "Eve"
    var nickName: String?
  }
  struct Change: Codable, Validated {
    var newTitle: String
    var dueAt: Date
    var rows: [Row] = []
    func validate(_ check: inout Validation) { check("newTitle", !newTitle.isEmpty, "is empty") }
  }
  struct Row: Codable { var wordCount: Int }

  private func text(_ value: some Encodable, _ options: JSONOptions) throws -> String {
    try Response.json(value, options: options).body.withBytes { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  // MARK: Each

  @Test func namesAreInSnakeCaseAndKeysOfDictionariesStay() throws {
    #expect(
      try text(Note(), JSONOptions(keys: .snakeCase))
        == #"{"author":{"full_name":"Eve"},"created_at":"2025-11-29T20:51:39Z","note_id":1,"word_counts":{"firstWord":2}}"#
    )
    #expect(try text(["someKey": Author()], JSONOptions(keys: .snakeCase)) == #"{"someKey":{"full_name":"Eve"}}"#)
    #expect(try text(["someKey": [1: "a"]], JSONOptions(keys: .snakeCase)) == #"{"someKey":{"1":"a"}}"#)
    #expect(
      try text(["someKey": ["innerKey": 1.5]] as JSON, JSONOptions(keys: .snakeCase))
        == #"{"someKey":{"innerKey":1.5}}"#)
  }

  @Test func whatIsNilIsNull() throws {
    #expect(try text(Author(), JSONOptions(nils: .null)) == #"{"fullName":"Eve","nickName":null}"#)
    #expect(try text(Author(), JSONOptions()) == #"{"fullName":"Eve"}"#)
    #expect(
      try text([Author(nickName: "e"), Author()], JSONOptions(keys: .snakeCase, nils: .null))
        == #"[{"full_name":"Eve","nick_name":"e"},{"full_name":"Eve","nick_name":null}]"#)
  }

  @Test func everyKindOfPropertyMayBeNull() throws {
    struct All: Encodable {
      var bool: Bool?, string: String?, double: Double?, float: Float?, int: Int?, int8: Int8?, int16: Int16?
      var int32: Int32?, int64: Int64?, uint: UInt?, uint8: UInt8?, uint16: UInt16?, uint32: UInt32?, uint64: UInt64?
      var date: Date?, list: [Int]?
    }
    let nothing = try text(All(), JSONOptions(nils: .null))
    #expect(
      nothing.split(separator: ",").count == 16 && nothing.split(separator: ",").allSatisfy { $0.contains(":null") })
    let all = All(
      bool: true, string: "s", double: 1.5, float: 2.5, int: -1, int8: -2, int16: -3, int32: -4, int64: -5, uint: 1,
      uint8: 2, uint16: 3, uint32: 4, uint64: 5, date: Date(timeIntervalSince1970: 0), list: [1])
    #expect(try text(all, JSONOptions(nils: .null)) == text(all, JSONOptions()))
  }

  @Test func datesAreSecondsOrMilliseconds() throws {
    let dates = [Date(timeIntervalSince1970: 1_764_449_499), Date(timeIntervalSince1970: -0.5)]
    #expect(try text(dates, JSONOptions(dates: .secondsSince1970)) == "[1764449499,-0.5]")
    #expect(try text(dates, JSONOptions(dates: .millisecondsSince1970)) == "[1764449499000,-500]")
    #expect(try text(["a": dates[0]], JSONOptions(dates: .secondsSince1970)) == #"{"a":1764449499}"#)
    #expect(try text(dates[0], JSONOptions(dates: .secondsSince1970)) == "1764449499")
    for number in [Double.nan, .infinity, -.infinity, 1e308] {
      #expect(throws: EncodingError.self) {
        try text(["a": Date(timeIntervalSince1970: number)], JSONOptions(dates: .millisecondsSince1970))
      }
    }
  }

  @Test func eachValueIsOnALineOfItsOwn() throws {
    let value: JSON = ["a": [1, [], ["b": "{\"x\": [1,2]}\\"]], "c": [:], "d:,": "e\"", "": nil]
    #expect(
      try text(value, JSONOptions(isPretty: true)) == #"""
        {
          "": null,
          "a": [
            1,
            [],
            {
              "b": "{\"x\": [1,2]}\\"
            }
          ],
          "c": {},
          "d:,": "e\""
        }
        """#)
    #expect(try text(7, JSONOptions(isPretty: true)) == "7")
    #expect(try text([] as [Int], JSONOptions(isPretty: true)) == "[]")
  }

  @Test func whatIsPrettyIsTheSameValue() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let value = RandomValue.make(depth: Int.random(in: 0...3, using: &generator), using: &generator)
      let plain = try Data(text(value, JSONOptions()).utf8)
      let pretty = try Data(text(value, JSONOptions(isPretty: true)).utf8)
      let options: JSONSerialization.ReadingOptions = [.fragmentsAllowed]
      let one = try JSONSerialization.jsonObject(with: plain, options: options) as? NSObject
      let other = try JSONSerialization.jsonObject(with: pretty, options: options) as? NSObject
      #expect(one == other)
    }
  }

  @Test(arguments: [
    "createdAt", "imageURL", "myURLProperty", "x", "X", "aB", "_hidden", "_hiddenName", "tail_",
    "__twoTails__", "camelCase1", "a1b", "already_snake", "", "_", "éclairÉtoile", "html2JSON",
  ])
  func namesAreThoseOfFoundation(name: String) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    struct One: Encodable {
      var name: String
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: Key(stringValue: name))
      }
    }
    let theirs = try String(decoding: encoder.encode(One(name: name)), as: UTF8.self)
    #expect(try text(One(name: name), JSONOptions(keys: .snakeCase)) == theirs)
  }

  /// Where Foundation has `u_rl_session`.
  @Test func capitalsAtTheBeginningAreOneWord() {
    #expect(SnakeCase.name("URLSession") == "url_session" && SnakeCase.name("ABC") == "abc")
    #expect(SnakeCase.path("author.fullName.0") == "author.full_name.0" && SnakeCase.path("") == "")
  }

  @Test func whatEncodesItselfByHandIsWrittenInTheFormToo() throws {
    class Base: Encodable {
      var baseName: Int? = nil
    }
    class Derived: Base {
      override func encode(to encoder: any Encoder) throws {
        enum Keys: CodingKey { case innerPart, listPart }
        var container = encoder.container(keyedBy: Keys.self)
        var inner = container.nestedContainer(keyedBy: Keys.self, forKey: .innerPart)
        try inner.encodeIfPresent(nil as Int?, forKey: .listPart)
        var list = container.nestedUnkeyedContainer(forKey: .listPart)
        try list.encode(Author())
        try super.encode(to: container.superEncoder())
      }
    }
    #expect(
      try text(Derived(), JSONOptions(keys: .snakeCase, nils: .null))
        == #"{"inner_part":{"list_part":null},"list_part":[{"full_name":"Eve","nick_name":null}],"super":{"base_name":null}}"#
    )
  }

  @Test func aFormLeavesNothingToTheNextText() throws {
    for _ in 0..<3 {
      #expect(
        try text(Author(), JSONOptions(keys: .snakeCase, nils: .null)) == #"{"full_name":"Eve","nick_name":null}"#)
      #expect(try text(Author(), JSONOptions()) == #"{"fullName":"Eve"}"#)
    }
    #expect(throws: EncodingError.self) { try text(["a": Double.nan], JSONOptions(nils: .null)) }
    #expect(try text(Author(), JSONOptions()) == #"{"fullName":"Eve"}"#)
  }

  // MARK: Of an application

  private func app() -> App {
    let app = App()
    app.json = JSONOptions(keys: .snakeCase, dates: .secondsSince1970, nils: .null)
    app.get("/note") { _ in Note() }
    app.get("/maybe") { _ -> Note? in nil }
    app.get("/later") { _ async in Note() }
    app.get("/reply") { _ in Reply(Author(), status: .created) }
    app.get("/own") { _ in Reply(Author(), json: JSONOptions()) }
    app.get("/pretty") { _ in Reply(Author(), json: JSONOptions(isPretty: true)) }
    app.get("/given") { request in try Response.json(Author(), options: request.jsonOptions) }
    app.post("/note") { (_, change: Body<Change>) in "\(change.newTitle) \(Int(change.dueAt.timeIntervalSince1970))" }
    app.post("/plain") { request in try request.json(Change.self, options: JSONOptions()).newTitle }
    return app
  }

  @Test func whatHandlersReturnHasTheFormOfTheApplication() throws {
    let client = app().testClient()
    let note =
      #"{"author":{"full_name":"Eve","nick_name":null},"created_at":1764449499,"is_done":null,"note_id":1,"word_counts":{"firstWord":2}}"#
    #expect(try client.get("/note").text == note)
    #expect(try client.get("/later").text == note)
    #expect(try client.get("/note").json(Note.self) == Note())
    #expect(try client.get("/maybe").status == .notFound)
    #expect(try client.get("/reply").text == #"{"full_name":"Eve","nick_name":null}"#)
    #expect(try client.get("/given").text == #"{"full_name":"Eve","nick_name":null}"#)
    #expect(try client.get("/own").text == #"{"fullName":"Eve"}"#)
    #expect(try client.get("/pretty").text == "{\n  \"fullName\": \"Eve\"\n}")
  }

  @Test func bodiesAreReadInTheFormOfTheApplication() throws {
    let client = app().testClient()
    #expect(try client.post("/note", json: Change(newTitle: "a", dueAt: Date(timeIntervalSince1970: 7))).text == "a 7")
    let headers: HTTPFields = [.contentType: "application/json"]
    func ask(_ path: String, _ text: String) throws -> TestResponse {
      try client.post(path, headers: headers, body: Array(text.utf8))
    }
    #expect(try ask("/note", #"{"new_title":"b","due_at":8,"rows":[{"word_count":1}]}"#).text == "b 8")
    #expect(try ask("/plain", #"{"newTitle":"c","dueAt":"2025-11-29T20:51:39Z","rows":[]}"#).text == "c")
  }

  @Test func errorsNameTheFieldsThatClientsKnow() throws {
    let client = app().testClient()
    func errors(_ text: String) throws -> [String] {
      let answer = try client.post("/note", headers: [.contentType: "application/json"], body: Array(text.utf8))
      #expect(answer.status == .unprocessableContent)
      return try answer.json(InvalidInput.self).errors.map { "\($0.field) \($0.message)" }
    }
    #expect(
      try errors(#"{"new_title":1,"rows":[{"word_count":"x"},{}]}"#) == [
        "new_title must be a string", "due_at is missing", "rows.0.word_count must be an integer",
        "rows.1.word_count is missing",
      ])
    #expect(try errors(#"{"new_title":"","due_at":8,"rows":[]}"#) == ["new_title is empty"])
  }

  @Test func formsHaveTheNamesOfTypes() throws {
    struct Login: Codable { var userName: String }
    let app = app()
    app.post("/login") { (_, login: Body<Login>) in login.userName }
    #expect(try app.testClient().post("/login", form: ["userName": "eve"]).text == "eve")
    #expect(try app.testClient().post("/login", json: Login(userName: "adam")).text == "adam")
  }

  @Test func theFormMayChangeWhileRequestsAreServed() throws {
    let app = app()
    #expect(try app.testClient().get("/reply").text.contains("full_name"))
    app.json = JSONOptions()
    #expect(try app.testClient().get("/reply").text == #"{"fullName":"Eve"}"#)
    #expect(app.json == JSONOptions())
  }

  @Test func refusedRequestsAreAnsweredInTheForm() throws {
    let app = app()
    app.errorHandler(.contentTooLarge) { _, _ in Reply(Author(), status: .contentTooLarge) }
    let answer = app.respond(to: try Request(.post, "/note"), refusedWith: HTTPError(.contentTooLarge))
    #expect(answer.text == #"{"full_name":"Eve","nick_name":null}"#)
  }
}

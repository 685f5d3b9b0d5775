import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

private struct NewNote: Codable, Sendable, Validated {
  var title: String
  var stars: Int?
  var tags: [String]?
  var isPublic: Bool?
  var kind: Kind?

  enum Kind: String, Codable { case note, task }

  func validate(_ check: inout Validation) {
    check("title", title, .count(1...10))
    check("stars", ifPresent: stars, .range(0...5))
    check("tags", tags.map { Set($0).count == $0.count } ?? true, "must differ")
  }
}

private struct AllOptional: Codable, Sendable {
  var a: String?
  var b: Int?
}

@Suite(.bounded) struct BodyInputTests {
  private let app: App = {
    let app = App()
    app.post("/") { (_, note: Body<NewNote>) in note.value }
    app.post("/optional") { (_, value: Body<AllOptional>) in "\(value.a ?? "-") \(value.b ?? 0)" }
    return app
  }()

  private let form = "application/x-www-form-urlencoded"
  private let json = "application/json"

  private func ask(_ type: String?, _ body: String, path: String = "/") throws -> Response {
    try app.ask("POST", path, type: type, body: body)
  }

  @Test func jsonAndFormsAreTheSame() throws {
    let expected = #"{"kind":"task","stars":5,"tags":["a","b"],"title":"A"}"#
    #expect(try ask(json, #"{"title":"A","stars":5,"tags":["a","b"],"kind":"task"}"#).text == expected)
    #expect(try ask(form, "title=A&stars=5&tags=a&tags=b&kind=task").text == expected)
    let multipart =
      ["title": "A", "stars": "5", "kind": "task"].map { name, value in
        "--X\r\nContent-Disposition: form-data; name=\(name)\r\n\r\n\(value)\r\n"
      }.joined() + "--X--"
    #expect(
      try ask("multipart/form-data; boundary=X", multipart).text == #"{"kind":"task","stars":5,"title":"A"}"#)
  }

  @Test func boxesAndEmptyFieldsAreAsBrowsersSendThem() throws {
    #expect(try ask(form, "title=A&isPublic=on&stars=").text == #"{"isPublic":true,"title":"A"}"#)
    #expect(try ask(form, "", path: "/optional").text == "- 0")
    #expect(try ask(form, "a=&b=", path: "/optional").text == "- 0")
    #expect(try ask(json, "{}", path: "/optional").text == "- 0")
  }

  @Test(arguments: [
    ("stars=1", "title", "is missing"), ("title=A&stars=x", "stars", "must be an integer"),
    ("title=A&isPublic=maybe", "isPublic", "must be true or false"),
    ("title=", "title", "must have 1 to 10 characters"),
    ("title=A&stars=9", "stars", "must be between 0 and 5"), ("title=A&tags=a&tags=a", "tags", "must differ"),
    ("title=A&kind=x", "kind", "has a value that it cannot have"),
  ])
  func whatIsWrongIsNamed(body: String, field: String, message: String) throws {
    let response = try ask(form, body)
    #expect(response.status == .unprocessableContent)
    #expect(response.text == #"{"errors":[{"field":"\#(field)","message":"\#(message)"}]}"#)
  }

  @Test func allThatIsNotValidIsToldAtOnce() throws {
    let response = try ask(json, #"{"title":"","stars":9,"tags":["a","a"]}"#)
    let fields = response.text.split(separator: "\"").filter { ["title", "stars", "tags"].contains($0) }
    #expect(response.status == .unprocessableContent && fields == ["title", "stars", "tags"])
  }

  @Test func otherTypesAreRefused() throws {
    #expect(try ask("text/plain", "title=A").status == .unsupportedMediaType)
    #expect(try ask(nil, "title=A").status == .unsupportedMediaType)
    #expect(try ask(json, "title=A").status == .badRequest)
    #expect(try ask("multipart/form-data; boundary=X", "title=A").status == .badRequest)
  }

  @Test func problemsAreSentToWhoTakesThem() throws {
    func ask(_ accept: String) throws -> Response {
      let fields: HTTPFields = [.contentType: json, .accept: accept]
      return app.respond(to: try Request(.post, "/", headers: fields, body: Array("{}".utf8)))
    }
    let problem = try ask("application/problem+json, application/json;q=0.5")
    #expect(problem.contentType == "application/problem+json" && problem.status == .unprocessableContent)
    #expect(
      problem.text
        == #"{"errors":[{"field":"title","message":"is missing"}],"status":422,"title":"Unprocessable Content","type":"about:blank"}"#
    )
    #expect(try ask("application/json").contentType == "application/json")
    #expect(try ask("application/problem+json;q=0").contentType == "application/json")
  }

  @Test func anErrorHandlerChangesTheFormOnceForAll() throws {
    let app = App()
    app.post("/") { (_, note: Body<NewNote>) in note.title }
    app.errorHandler(InvalidInput.self) { error, _ in Reply(["wrong": error.errors.map(\.field)], status: .badRequest) }
    let response = try app.ask("POST", "/", type: json, body: "{}")
    #expect(response.status == .badRequest && response.text == #"{"wrong":["title"]}"#)
    let other = App()
    other.post("/") { (_, note: Body<NewNote>) in note.title }
    other.errorHandler(.unprocessableContent) { error, _ in "no: \(error.underlying.map { "\($0)" } ?? "")" }
    let page = try other.ask("POST", "/", type: json, body: "{}")
    #expect(page.status == .unprocessableContent && page.text == "no: 'title' is missing")
  }
}

@Suite(.bounded) struct QueryValueTests {
  @Test func fieldsAreTakenByType() throws {
    let app = App()
    app.get("/") { request in
      let number = try request.query.get("n", as: Int.self)
      let name: String = try request.query.require("name")
      return "\(number ?? 0) \(name)"
    }
    #expect(try app.ask("/?n=7&name=x").text == "7 x" && app.ask("/?name=x").text == "0 x")
    #expect(try app.ask("/?n=&name=x").text == "0 x")
    #expect(try app.ask("/?n=y&name=x").text == #"{"errors":[{"field":"n","message":"is not a valid Int"}]}"#)
    #expect(try app.ask("/").status == .unprocessableContent)
  }
}

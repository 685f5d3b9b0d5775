import Foundation
import GreenHTTP
import GreenOpenAPI
import GreenWeb
import GreenWebTesting
import SuiteSupport
import Testing

private struct Page: Codable, Sendable {
  var offset: Int?
  var limit: Int
}

@Suite(.bounded) struct OpenAPITests {
  private let app: App = {
    let app = App()
    app.get("/notes/{id}") { (_, id: Int) -> Note? in nil }.named("note").documented("One note", tags: ["notes"])
    app.get("/notes") { (_, page: Query<Page>) -> [Note] in [] }
    app.post("/notes") { (_, note: Body<Note>) in Reply(note.value, status: .created) }
    app.get("/kinds/{kind}") { (_, kind: Kind) in kind.rawValue }
    app.get("/uuid/{id:uuid}") { request in request.parameters["id"] }
    app.get("/files/{path...}") { (_, path: String) -> HTML in "\(path)" }
    app.get("/tree") { _ -> Tree in Tree(value: 1, children: [], name: "") }
    app.get("/hidden") { _ in "" }.documented(isHidden: true)
    app.route("/odd", methods: [HTTPRequest.Method("PURGE")!]) { _ in "" }
    return app
  }()

  private var document: JSON { app.openAPI(title: "Notes", version: "1.2") }

  @Test func theDocumentIsOpenAPI() {
    #expect(document["openapi"] == "3.1.0" && document["info"] == ["title": "Notes", "version": "1.2"])
    guard case .object(let paths) = document["paths"] else { return #expect(Bool(false)) }
    #expect(
      paths.keys.sorted() == [
        "/files/{path}", "/kinds/{kind}", "/notes", "/notes/{id}", "/tree", "/uuid/{id}",
      ])
  }

  @Test func operationsSayWhatTheyTake() {
    let note = document["paths"]?["/notes/{id}"]?["get"]
    #expect(note?["operationId"] == "note" && note?["summary"] == "One note" && note?["tags"] == ["notes"])
    #expect(
      note?["parameters"] == [["name": "id", "in": "path", "required": true, "schema": ["type": "integer"]]])
    let list = document["paths"]?["/notes"]?["get"]
    #expect(
      list?["parameters"] == [
        ["name": "limit", "in": "query", "required": true, "schema": ["type": "integer"]],
        [
          "name": "offset", "in": "query", "required": false, "allowEmptyValue": true, "schema": ["type": "integer"],
        ],
      ])
    #expect(list?["responses"]?["422"] != nil && note?["responses"]?["422"] == nil)
    let kind = document["paths"]?["/kinds/{kind}"]?["get"]?["parameters"]?[0]
    #expect(kind?["schema"] == ["type": "string", "enum": ["note", "task"]])
    let uuid = document["paths"]?["/uuid/{id}"]?["get"]?["parameters"]?[0]
    #expect(uuid?["schema"] == ["type": "string", "format": "uuid"])
    let body = document["paths"]?["/notes"]?["post"]?["requestBody"]?["content"]
    #expect(body?["application/json"]?["schema"] == ["$ref": "#/components/schemas/Note"])
  }

  @Test func operationsSayWhatTheyReturn() {
    func content(_ path: String, _ method: String = "get") -> JSON? {
      document["paths"]?[path]?[method]?["responses"]?["200"]?["content"]
    }
    #expect(content("/notes/{id}")?["application/json"]?["schema"] == ["$ref": "#/components/schemas/Note"])
    #expect(
      content("/notes")?["application/json"]?["schema"] == [
        "type": "array", "items": ["$ref": "#/components/schemas/Note"],
      ])
    #expect(content("/notes", "post")?["application/json"]?["schema"] == ["$ref": "#/components/schemas/Note"])
    #expect(content("/files/{path}")?["text/html"] != nil && content("/kinds/{kind}")?["text/plain"] != nil)
  }

  @Test func operationsSayWithWhichStatus() {
    func statuses(_ path: String, _ method: String) -> [String] {
      guard case .object(let responses) = document["paths"]?[path]?[method]?["responses"] else { return [] }
      return responses.keys.sorted()
    }
    app.delete("/notes/{id}") { (_, _: Int) in HTTPResponse.Status.noContent }
      .documented(status: .noContent, errors: [.unauthorized])
    #expect(statuses("/notes/{id}", "delete") == ["204", "400", "401", "404"])
    #expect(statuses("/notes/{id}", "get") == ["200", "400", "404"] && statuses("/tree", "get") == ["200"])
    #expect(
      statuses("/notes", "post") == ["200", "400", "413", "415", "422"] && statuses("/notes", "get") == ["200", "422"])
    #expect(document["paths"]?["/notes/{id}"]?["delete"]?["responses"]?["204"] == ["description": "No Content"])
  }

  @Test func eachOperationHasAnIdentifierOfItsOwn() {
    let shelf = Blueprint("shelf")
    shelf.get("/book") { _ in "" }.named("book")
    shelf.delete("/book") { _ in "" }.named("book")
    app.get("/book_delete") { _ in "" }.named("book_delete")
    app.register(shelf, at: "/shelf")
    app.register(shelf, at: "/other")
    func identifier(_ path: String, _ method: String) -> JSON? { document["paths"]?[path]?[method]?["operationId"] }
    let all = [
      identifier("/shelf/book", "get"), identifier("/shelf/book", "delete"), identifier("/other/book", "get"),
      identifier("/other/book", "delete"), identifier("/book_delete", "get"),
    ].map { "\($0 ?? .null)" }
    #expect(Set(all).count == 5, "\(all)")
    #expect(identifier("/book_delete", "get") == "book_delete")
  }

  @Test func documentsNameTheHosts() throws {
    let app = App()
    app.host("{tenant}.example.com") { $0.get("/x/{id}") { (_, tenant: String, id: Int) in "\(tenant) \(id)" } }
    let operation = app.openAPI(title: "t", version: "1")["paths"]?["/x/{id}"]?["get"]
    #expect(operation?["servers"]?[0]?["url"] == "//{tenant}.example.com")
    #expect(operation?["servers"]?[0]?["variables"]?["tenant"]?["default"] == "tenant")
    #expect(operation?["parameters"]?[0]?["name"] == "id" && operation?["parameters"]?[1] == nil)
  }

  @Test func theDocumentAndAPageAreServed() throws {
    app.serveOpenAPI(title: "Notes & more")
    let client = app.testClient()
    let served = try client.get("/openapi.json").json(JSON.self)
    #expect(served["info"]?["title"] == "Notes & more" && served["paths"]?["/openapi.json"] == nil)
    let page = try client.get("/docs")
    #expect(page.headers[.contentType] == "text/html; charset=utf-8")
    #expect(page.text.contains("<h1>Notes &amp; more") && page.text.contains("/notes/{id}"))
  }
}

import Foundation
import GreenHTTP
import GreenOpenAPI
import GreenWeb
import GreenWebTesting
import SuiteSupport
import Testing

private enum Kind: String, Codable, CaseIterable, PathValue { case note, task }

private struct Tag: Codable, Sendable {
  var name: String
  var weight: Double?
}

private struct Note: Codable, Sendable {
  var id: Int
  var title: String
  var stars: Int?
  var tags: [Tag]
  var kind: Kind
  var created: Date
  var parent: Tag?
  var counts: [String: UInt]
  var isPublic: Bool

  enum CodingKeys: String, CodingKey {
    case id, title, stars, tags, kind, created = "created_at", parent, counts, isPublic
  }
}

private struct Tree: Codable, Sendable {
  var value: Int
  var children: [Tree]
  var name: String
}

private struct Page: Codable, Sendable {
  var offset: Int?
  var limit: Int
}

/// Decodes lists in lists by hand.
private struct Table: Codable, Sendable {
  var rows: [[Int]] = []
  var cells: [Int] = []
  var size = 0
  var last = 0

  enum CodingKeys: CodingKey { case rows, points, size, greedy, last }

  init() {}

  init(from decoder: any Decoder) throws {
    let table = try decoder.container(keyedBy: CodingKeys.self)
    var rows = try table.nestedUnkeyedContainer(forKey: .rows)
    while !rows.isAtEnd {
      var row = try rows.nestedUnkeyedContainer()
      while !row.isAtEnd { cells.append(try row.decode(Int.self)) }
    }
    var points = try table.nestedUnkeyedContainer(forKey: .points)
    while !points.isAtEnd {
      let point = try points.nestedContainer(keyedBy: CodingKeys.self)
      size += try point.decode(Int.self, forKey: .size)
    }
    let inner = try table.superDecoder(forKey: .size).singleValueContainer()
    size += try inner.decode(Int.self)
    var greedy = try table.nestedUnkeyedContainer(forKey: .greedy)
    while let next = try? greedy.superDecoder().singleValueContainer().decode(Int.self) { cells.append(next) }
    last = try table.decode(Int.self, forKey: .last)
  }

  func encode(to encoder: any Encoder) throws {}
}

private struct Shop: Codable, Sendable {
  var page: URL
  var price: Decimal
  var name: String
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
  private func schema(_ name: String) -> JSON? { document["components"]?["schemas"]?[name] }

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

  @Test func schemasAreFoundByDecodingFromNothing() {
    let note = schema("Note")
    #expect(note?["properties"]?["id"] == ["type": "integer"] && note?["properties"]?["stars"] == ["type": "integer"])
    #expect(note?["properties"]?["created_at"] == ["type": "string", "format": "date-time"])
    #expect(note?["properties"]?["tags"] == ["type": "array", "items": ["$ref": "#/components/schemas/Tag"]])
    #expect(note?["properties"]?["kind"] == ["type": "string", "enum": ["note", "task"]])
    #expect(note?["properties"]?["parent"] == ["$ref": "#/components/schemas/Tag"])
    #expect(
      note?["properties"]?["counts"] == ["type": "object", "additionalProperties": ["type": "integer", "minimum": 0]])
    #expect(note?["required"] == ["id", "title", "tags", "kind", "created_at", "counts", "isPublic"])
    #expect(schema("Tag")?["required"] == ["name"])
  }

  @Test func aTypeMayContainItself() {
    let tree = schema("Tree")
    #expect(tree?["properties"]?["children"] == ["type": "array", "items": ["$ref": "#/components/schemas/Tree"]])
    #expect(tree?["required"] == ["value", "children", "name"])
  }

  @Test func listsThatTypesDecodeByHandHaveAnEnd() {
    app.get("/table") { _ in Table() }
    let properties = schema("Table")?["properties"]
    let integer: JSON = ["type": "integer"]
    #expect(properties?["rows"] == ["type": "array", "items": ["type": "array", "items": integer]])
    let point: JSON = ["type": "object", "properties": ["size": integer], "required": ["size"]]
    #expect(properties?["points"] == ["type": "array", "items": point])
    #expect(properties?["size"] == integer && properties?["greedy"] == ["type": "array", "items": integer])
    #expect(properties?["last"] == integer)
    #expect(schema("Table")?["required"] == ["rows", "points", "size", "greedy", "last"])
  }

  @Test func addressesAndDecimalNumbersAreAsTheyAreSent() {
    app.get("/shop") { _ -> Shop? in nil }
    #expect(schema("Shop")?["properties"]?["page"] == ["type": "string", "format": "uri"])
    #expect(schema("Shop")?["properties"]?["price"] == ["type": "number"])
    #expect(schema("Shop")?["required"] == ["page", "price", "name"])
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

  @Test func typesOfOneNameAreTold() {
    enum Other { struct Note: Codable, Sendable { var other: Bool } }
    app.get("/other") { _ in Other.Note(other: true) }
    guard case .object(let schemas) = document["components"]?["schemas"] else { return #expect(Bool(false)) }
    #expect(schemas.keys.filter { $0.hasPrefix("Note") }.sorted() == ["Note", "Note2"])
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

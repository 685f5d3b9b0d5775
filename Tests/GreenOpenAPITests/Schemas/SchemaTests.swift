import Foundation
import GreenOpenAPI
import GreenWeb
import SuiteSupport
import Testing

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

private struct Change: Codable, Validated {
  var newTitle: String
  var dueAt: Date
  var rows: [Row] = []
  func validate(_ check: inout Validation) { check("newTitle", !newTitle.isEmpty, "is empty") }
}

private struct Row: Codable { var wordCount: Int }

@Suite(.bounded) struct SchemaTests {
  private let app: App = {
    let app = App()
    app.get("/notes/{id}") { (_, id: Int) -> Note? in nil }
    app.get("/tree") { _ -> Tree in Tree(value: 1, children: [], name: "") }
    return app
  }()

  private var document: JSON { app.openAPI(title: "Notes") }
  private func schema(_ name: String) -> JSON? { document["components"]?["schemas"]?[name] }

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

  @Test func typesOfOneNameAreTold() {
    enum Other { struct Note: Codable, Sendable { var other: Bool } }
    app.get("/other") { _ in Other.Note(other: true) }
    guard case .object(let schemas) = document["components"]?["schemas"] else { return #expect(Bool(false)) }
    #expect(schemas.keys.filter { $0.hasPrefix("Note") }.sorted() == ["Note", "Note2"])
  }

  @Test func documentsHaveTheNamesThatAreSent() {
    let app = App()
    app.json = JSONOptions(keys: .snakeCase, dates: .secondsSince1970, nils: .null)
    app.post("/note") { (_, change: Body<Change>) in change.newTitle }
    let document = app.openAPI(title: "t")
    let properties = document["components"]?["schemas"]?["Change"]?["properties"]
    #expect(properties?["new_title"]?["type"] == "string" && properties?["newTitle"] == nil)
    #expect(properties?["due_at"]?["type"] == "number")
    let form = document["paths"]?["/note"]?["post"]?["requestBody"]?["content"]?["application/x-www-form-urlencoded"]
    #expect(form?["schema"]?["properties"]?["newTitle"]?["type"] == "string")
  }
}

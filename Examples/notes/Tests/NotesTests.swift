import DataServers
import Glibc
import GreenPostgres
import GreenWebTesting
import Greenfinch
import NotesApp
import SuiteSupport
import Testing

/// The whole application on a real PostgreSQL, without a socket.
@Suite(.serialized, .bounded) struct NotesTests {
  private let server: PostgresServer
  private let database: Postgres
  private static let folder = String(#filePath.dropLast("/Tests/NotesTests.swift".utf8.count))

  init() throws {
    server = try PostgresServer()
    database = try Postgres(server.address, connections: 3)
    try database.migrate(from: Self.folder + "/migrations")
    Resources.settings["SECRET_KEY"] = "a secret of these tests alone"
  }

  private func withClient(_ body: (TestClient) throws -> Void) throws {
    defer { database.close() }
    try Resources.database.withValue(database) {
      let app = try makeApp(folder: Self.folder, uploads: "/tmp")
      try body(app.testClient(followRedirects: true))
    }
  }

  private let eve: KeyValuePairs = ["name": "Eve", "password": "correct horse"]
  // As browsers say where a form comes from.
  private let own: HTTPFields = [.origin: "http://localhost"]

  @Test func whoIsNotLoggedInIsAskedTo() throws {
    try withClient { client in
      let page = try client.get("/notes")
      #expect(page.status == .ok && page.text.contains("<h1>Log in</h1>"))
      let wrong = try client.post("/login", form: eve, headers: own)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("is not that of this name"))
      let short = try client.post("/register", form: ["name": "Eve", "password": "short"], headers: own)
      #expect(short.text.contains("must have 8 to 200 characters"))
      #expect(try client.get("/nothing").status == .notFound)
    }
  }

  @Test func notesAreWrittenFoundChangedAndRemoved() throws {
    try withClient { client in
      #expect(try client.post("/register", form: eve, headers: own).text.contains("Welcome, Eve."))
      let saved = try client.post("/notes", form: ["title": "<Milk>", "body": "two litres"], files: [], headers: own)
      #expect(saved.text.contains("The note was saved.") && saved.text.contains("<h1>&lt;Milk&gt;</h1>"))
      #expect(try !client.get("/notes/1").text.contains("The note was saved."))
      #expect(try client.get("/notes?search=LITRE").text.contains("/notes/1"))
      #expect(try !client.get("/notes?search=bread").text.contains("/notes/1"))
      #expect(try client.get("/notes?search=%00").status == .unprocessableContent)
      #expect(try client.post("/notes/1", form: ["title": "Bread"], headers: own).text.contains("<h1>Bread</h1>"))
      let untitled = try client.post("/notes", form: ["title": ""], files: [], headers: own)
      #expect(untitled.status == .unprocessableContent && untitled.text.contains("must have 1 to 80 characters"))
      #expect(try client.post("/notes/1/delete", form: [:], headers: own).text.contains("&#39;Bread&#39; is no more."))
      #expect(try client.get("/notes/1").status == .notFound)
      // Another site's page sends the same form.
      #expect(try client.post("/notes", form: eve, headers: [.origin: "https://evil.example"]).status == .forbidden)
      _ = try client.post("/logout", form: [:], headers: own)
      #expect(try client.get("/notes").text.contains("<h1>Log in</h1>"))
    }
  }

  @Test func aNoteIsPrintedByATemplate() throws {
    try withClient { client in
      try client.post("/register", form: eve, headers: own)
      let picture = TestFile("picture", named: "a.png", type: "image/png", [1, 2, 3])
      try client.post("/notes", form: ["title": "<Milk>", "body": "two & more"], files: [picture], headers: own)
      try client.post("/notes", form: ["title": "Bread"], files: [], headers: own)
      #expect(try client.get("/notes/1").text.contains("href=\"/notes/1/print\""))
      let paper = try client.get("/notes/1/print")
      #expect(paper.headers[.contentType] == "text/html; charset=utf-8")
      for part in ["<h1>&lt;Milk&gt;</h1>", "<p>Eve, 20", "<pre>two &amp; more</pre>", "<img src=\"/notes/1/picture\""]
      {
        #expect(paper.text.contains(part), "\(paper.text)")
      }
      let bare = try client.get("/notes/2/print").text
      #expect(bare.contains("<h1>Bread</h1>") && !bare.contains("<pre>") && !bare.contains("<img"))
      #expect(try client.get("/notes/3/print").status == .notFound)
      try client.post("/notes/1/delete", form: [:], headers: own)
    }
  }

  @Test func picturesAreKept() throws {
    try withClient { client in
      try client.post("/register", form: eve, headers: own)
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
      let picture = TestFile("picture", named: "a.png", type: "image/png", bytes)
      try client.post("/notes", form: ["title": "Cat"], files: [picture], headers: own)
      let sent = try client.get("/notes/1/picture")
      #expect(sent.body == bytes && sent.headers[.contentType] == "image/png")
      let page = TestFile("picture", named: "a.html", type: "text/html", [1])
      let refused = try client.post("/notes", form: ["title": "Page"], files: [page], headers: own)
      #expect(refused.status == .unprocessableContent && refused.text.contains("must be one of image/png"))
      try client.post("/notes/1/delete", form: [:], headers: own)
      #expect(try client.get("/notes/1/picture").status == .notFound)
    }
  }

  @Test func aPictureGoesWithTheNoteThatAProgramRemoves() throws {
    struct Token: Decodable { var token: String }
    try withClient { client in
      try client.post("/register", form: eve, headers: own)
      let picture = TestFile("picture", named: "a.png", type: "image/png", [1, 2, 3])
      try client.post("/notes", form: ["title": "Cat"], files: [picture], headers: own)
      let name = try #require(try database.value("select picture from notes where id = 1", as: String.self))
      #expect(access("/tmp/\(name)", F_OK) == 0)
      let login = try client.post("/api/tokens", json: ["name": "Eve", "password": "correct horse"])
      let bearer: HTTPFields = [.authorization: "Bearer \(try login.json(Token.self).token)"]
      #expect(try client.delete("/api/notes/1", headers: bearer).status == .noContent)
      #expect(access("/tmp/\(name)", F_OK) == -1)
    }
  }

  @Test func nobodySeesTheNotesOfAnother() throws {
    try withClient { client in
      try client.post("/register", form: eve, headers: own)
      try client.post("/notes", form: ["title": "Mine"], files: [], headers: own)
      _ = try client.post("/logout", form: [:], headers: own)
      try client.post("/register", form: ["name": "Mallory", "password": "battery staple"], headers: own)
      #expect(try client.get("/notes/1").status == .notFound)
      #expect(try client.post("/notes/1/delete", form: [:], headers: own).status == .notFound)
      #expect(try client.post("/register", form: eve, headers: own).text.contains("is another&#39;s already"))
    }
  }

  @Test func programsUseItByAToken() throws {
    struct Token: Decodable { var token: String }
    try withClient { client in
      try client.post("/register", form: eve, headers: own)
      #expect(try client.get("/api/notes").status == .unauthorized)
      let login = try client.post("/api/tokens", json: ["name": "Eve", "password": "correct horse"])
      let bearer: HTTPFields = [.authorization: "Bearer \(try login.json(Token.self).token)"]
      let added = try client.post("/api/notes", json: ["title": "Milk", "body": "two"], headers: bearer)
      #expect(added.status == .created && added.headers[.location] == "/api/notes/1")
      #expect(try client.get("/api/notes/1", headers: bearer).json(Note.self).title == "Milk")
      let changed = try client.post("/api/notes/1", json: ["title": "Bread"], method: .put, headers: bearer)
      #expect(
        try changed.json(Note.self).title == "Bread"
          && client.get("/api/notes", headers: bearer).json([Note].self).count == 1)
      let wrong = try client.post("/api/notes", json: ["body": "two"], headers: bearer)
      #expect(
        wrong.status == .unprocessableContent && wrong.text.contains(#"{"field":"title","message":"is missing"}"#))
      #expect(try client.get("/api/notes?limit=0", headers: bearer).status == .unprocessableContent)
      #expect(try client.delete("/api/notes/1", headers: bearer).status == .noContent)
      #expect(try client.delete("/api/notes/1", headers: bearer).status == .notFound)
      #expect(try client.get("/openapi.json").text.contains("\"/api/notes/{id}\""))
    }
  }
}

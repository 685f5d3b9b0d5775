import GreenPostgres
import GreenSessions
import Greenfinch

struct Token: Codable, Sendable {
  var token: String
}

struct Page: Decodable, Sendable, Validated {
  var search: String?
  var before: Int?
  var limit: Int?

  func validate(_ check: inout Validation) {
    check("search", ifPresent: search, .printable)
    check("limit", ifPresent: limit, .range(1...100))
  }
}

/// The interface for programs: JSON, by a token.
func api(_ pictures: Pictures) -> Blueprint {
  let api = Blueprint("api")

  api.post("/tokens") { (_, login: Body<Login>) in
    let (owner, token) = (try login.value.user(), try SecretToken())
    try Resources.database().execute("insert into tokens (digest, owner) values (\(token.digest), \(owner))")
    return Reply(Token(token: token.text), status: .created)
  }.use(RateLimit(20, per: .seconds(60))).documented(
    "A token for a name and a password", status: .created, errors: [.unauthorized, .tooManyRequests])

  api.get("/notes/{id}") { (_, client: Client, id: Int) in try client.notes.note(id) }
    .documented("One note", errors: [.unauthorized])

  api.get("/notes") { (_, client: Client, page: Query<Page>) in
    try client.notes.notes(before: page.before, containing: page.search, limit: page.limit ?? 20)
  }.documented("The latest notes", errors: [.unauthorized])

  api.post("/notes") { (_, client: Client, text: Body<NoteText>) in
    let added = try client.notes.add(text.value)
    return Reply(added, status: .created, headers: [.location: "/api/notes/\(added.id)"])
  }.documented("A new note", status: .created, errors: [.unauthorized])

  api.put("/notes/{id}") { (_, client: Client, id: Int, text: Body<NoteText>) in
    try client.notes.change(id, to: text.value)
  }.documented("Another text", errors: [.unauthorized])

  api.delete("/notes/{id}") { (_, client: Client, id: Int) -> HTTPResponse.Status in
    guard let note = try client.notes.remove(id) else { throw HTTPError(.notFound) }
    pictures.remove(of: note)
    return .noContent
  }.documented("Removes a note", status: .noContent, errors: [.unauthorized])

  return api
}

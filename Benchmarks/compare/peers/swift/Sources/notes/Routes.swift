import Hummingbird

struct Token: ResponseEncodable {
  var token: String
}

func routes(_ database: Database) -> Router<NotesContext> {
  let router = Router(context: NotesContext.self)
  router.post("/api/tokens") { request, context in
    let owner = try await user(request.decode(as: Login.self, context: context), database)
    let token = newToken()
    let insert = "insert into tokens (digest, owner) values ($1, $2)"
    _ = try await database.rows(insert, digest(token), "\(owner)") { _ in }
    return EditedResponse(status: .created, response: Token(token: token))
  }
  addNotes(to: router.group("/api/notes").add(middleware: FindOwner(database: database)), database)
  return router
}

private func addNotes(to group: RouterGroup<NotesContext>, _ database: Database) {
  group.get { request, context in
    let limit = request.uri.queryParameters.get("limit", as: Int.self) ?? 20
    guard (1...100).contains(limit) else { throw HTTPError(.unprocessableContent, message: "a limit is 1 to 100") }
    return try await database.rows(
      "select \(Note.columns) from notes where owner = $1 order by id desc limit $2", "\(context.owner)", "\(limit)",
      read: Note.init)
  }
  group.get("{id}") { _, context in
    try await one(
      database.rows(
        "select \(Note.columns) from notes where id = $1 and owner = $2", id(context), "\(context.owner)",
        read: Note.init))
  }
  group.post { request, context in
    let text = try await NoteText(request, context)
    let note = try await one(
      database.rows(
        "insert into notes (owner, title, body) values ($1, $2, $3) returning \(Note.columns)", "\(context.owner)",
        text.title, text.body ?? "", read: Note.init))
    return EditedResponse(status: .created, headers: [.location: "/api/notes/\(note.id)"], response: note)
  }
  group.put("{id}") { request, context in
    let text = try await NoteText(request, context)
    return try await one(
      database.rows(
        "update notes set title = $1, body = $2, updated_at = now() where id = $3 and owner = $4 returning \(Note.columns)",
        text.title, text.body ?? "", id(context), "\(context.owner)", read: Note.init))
  }
  group.delete("{id}") { _, context in
    _ = try await one(
      database.rows(
        "delete from notes where id = $1 and owner = $2 returning \(Note.columns)", id(context), "\(context.owner)",
        read: Note.init))
    return HTTPResponse.Status.noContent
  }
}

private func id(_ context: NotesContext) throws -> String { "\(try context.parameters.require("id", as: Int.self))" }

/// The one note that was found.
private func one(_ notes: [Note]) throws -> Note {
  guard let note = notes.first else { throw HTTPError(.notFound) }
  return note
}

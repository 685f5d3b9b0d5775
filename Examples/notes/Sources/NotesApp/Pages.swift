import GreenSessions
import GreenTemplates
import Greenfinch

/// The pages for people: sessions, forms, pictures.
func pages(_ pictures: Pictures, _ templates: Templates) throws -> Blueprint {
  let pages = Blueprint("pages")
  pages.use(Sessions(keys: [try Resources.settings.require("SECRET_KEY")]), CSRF())
  pages.errorHandler(LoginNeeded.self) { _, _ in Response.redirect(to: "/login") }
  pages.errorHandler(.notFound) { _, request in page("Not found", request, "<p>There is nothing here.</p>") }
  pages.get("/") { _ in Response.redirect(to: "/notes") }
  addAccountPages(to: pages)
  addNotePages(to: pages, pictures)
  addPrinting(to: pages, templates)
  return pages
}

private func addAccountPages(to pages: Blueprint) {
  for form in [LoginForm.login, .register] {
    pages.get(form.path) { request in form.page(request) }
    pages.post(form.path) { request in
      do {
        let login = try request.form(Login.self)
        let user = try form == .login ? login.user() : login.register()
        request.session.renew()
        request.session[Keys.user] = user
        request.flash("Welcome, \(login.name).")
        return Response.redirect(to: "/notes")
      } catch let error as InvalidInput {
        return try form.page(request, error).response(for: request)
      } catch is WrongPassword {
        return try form.page(request, InvalidInput("password", "is not that of this name")).response(for: request)
      }
    }.use(RateLimit(20, per: .seconds(60)))
  }
  pages.post("/logout") { request in
    request.session.clear()
    return Response.redirect(to: "/login")
  }
}

private enum LoginForm {
  case login, register

  var path: String { self == .login ? "/login" : "/register" }

  func page(_ request: Request, _ error: InvalidInput? = nil) -> Reply<HTML> {
    let other: HTML =
      self == .login ? "<a href=\"/register\">I have no account yet</a>" : "<a href=\"/login\">I have an account</a>"
    let content: HTML = """
      <form method="post">
      <p><label for="name">Name</label><input id="name" name="name" autocomplete="username" required>\(error?.message("name"))
      <p><label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>\(error?.message("password"))
      <p><button>\(self == .login ? "Log in" : "Register")</button>
      </form><p>\(other)
      """
    return Reply(
      NotesApp.page(self == .login ? "Log in" : "Register", request, content),
      status: error == nil ? .ok : .unprocessableContent)
  }
}

struct Selection: Decodable, Sendable, Validated {
  var search: String?
  var before: Int?

  func validate(_ check: inout Validation) { check("search", ifPresent: search, .printable) }
}

private func addNotePages(to pages: Blueprint, _ pictures: Pictures) {
  pages.get("/notes") { (request, user: User, chosen: Query<Selection>) in
    try notesPage(request, user, chosen.value)
  }

  pages.post("/notes") { (request, user: User) in
    do {
      let text = try request.form(NoteText.self)
      let picture = try request.form().file("picture").map(pictures.keep)
      let note = try user.notes.add(text)
      if let picture { try user.notes.setPicture(picture, of: note.id) }
      request.flash("The note was saved.")
      return Response.redirect(to: "/notes/\(note.id)")
    } catch let error as InvalidInput {
      let page = try notesPage(request, user, Selection(), error)
      return try Reply(page, status: .unprocessableContent).response(for: request)
    }
  }.limit(body: 5 << 20)

  pages.get("/notes/{id}") { (request, user: User, id: Int) in
    try user.notes.note(id).map { notePage(request, user, $0) }
  }

  pages.post("/notes/{id}") { (request, user: User, id: Int) in
    let text = try request.form(NoteText.self)
    guard try user.notes.change(id, to: text) != nil else { throw HTTPError(.notFound) }
    request.flash("The note was changed.")
    return Response.redirect(to: "/notes/\(id)")
  }

  pages.post("/notes/{id}/delete") { (request, user: User, id: Int) in
    guard let note = try user.notes.remove(id) else { throw HTTPError(.notFound) }
    pictures.remove(of: note)
    request.flash("'\(note.title)' is no more.")
    return Response.redirect(to: "/notes")
  }

  pages.get("/notes/{id}/picture") { (_, user: User, id: Int) in try user.notes.note(id).flatMap(pictures.file) }
}

import FoundationEssentials
import GreenTemplates
import Greenfinch

/// A note on paper. The page is a file, `templates/print.mustache`, which whoever writes no Swift may change: while the program
/// runs, with `--debug`.
func addPrinting(to pages: Blueprint, _ templates: Templates) {
  pages.get("/notes/{id}/print") { (_, user: User, id: Int) in
    try user.notes.note(id).map { note in try templates.html("print", PrintedNote(note, of: user)) }
  }
}

/// What the template asks for, by the names of the properties.
private struct PrintedNote {
  var title: String
  var owner: String
  var day: String
  /// `nil` where there is none, which leaves its section out.
  var body: String?
  var picture: String?

  init(_ note: Note, of user: User) {
    title = note.title
    owner = user.name
    day = note.updatedAt.formatted(.iso8601.year().month().day().dateSeparator(.dash))
    body = note.body.isEmpty ? nil : note.body
    picture = note.picture.map { _ in "/notes/\(note.id)/picture" }
  }
}

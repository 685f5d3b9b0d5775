import FoundationEssentials
import GreenSessions
import Greenfinch

/// A page around its content, with the messages that are to be shown once.
func page(_ title: String, _ request: Request, user: User? = nil, _ content: HTML) -> HTML {
  // Of whoever is not logged in there is no session to ask.
  let flashes = (user == nil ? [] : request.takeFlashes()).map { flash -> HTML in "<p class=\"flash\">\(flash.text)</p>"
  }
  let account: HTML? = user.map {
    """
    <span>\($0.name)</span>
    <form method="post" action="/logout"><button class="quiet">Log out</button></form>
    """
  }
  return """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>\(title)</title>
    <link rel="stylesheet" href="/static/notes.css">
    <header><a href="/notes">Notes</a>\(account)</header>
    <h1>\(title)</h1>
    \(flashes)
    \(content)
    </html>
    """
}

extension InvalidInput {
  /// What is wrong with a field, below it.
  func message(_ field: String) -> HTML? {
    errors.first { $0.field == field }.map { "<span class=\"error\">\($0.message)</span>" }
  }
}

extension Date {
  /// The day, as `2026-11-30`.
  var shown: HTML { "<time>\(formatted(.iso8601.year().month().day().dateSeparator(.dash)))</time>" }
}

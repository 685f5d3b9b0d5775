import Greenfinch

/// The list of a user's notes, and the form for a new one.
func notesPage(_ request: Request, _ user: User, _ chosen: Selection, _ error: InvalidInput? = nil) throws -> HTML {
  let notes = try user.notes.notes(before: chosen.before, containing: chosen.search, limit: 21)
  let rows = notes.prefix(20).map { note -> HTML in
    "<li><a href=\"/notes/\(note.id)\">\(note.title)</a> \(note.updatedAt.shown)<br>\(String(note.body.prefix(120)))</li>"
  }
  let older: HTML? =
    notes.count > 20
    ? """
    <form action="/notes"><input type="hidden" name="before" value="\(notes[19].id)">
    <input type="hidden" name="search" value="\(chosen.search)"><button class="quiet">Older notes</button></form>
    """ : nil
  return page(
    "Notes", request, user: user,
    """
    <form action="/notes"><p><input name="search" type="search" placeholder="Search" aria-label="Search" value="\(chosen.search)"></form>
    <ul class="notes">\(rows)</ul>\(older)
    <h2>A new note</h2>
    <form method="post" action="/notes" enctype="multipart/form-data">
    <p><label for="title">Title</label><input id="title" name="title" required maxlength="80">\(error?.message("title"))
    <p><label for="body">Text</label><textarea id="body" name="body" rows="4"></textarea>\(error?.message("body"))
    <p><label for="picture">Picture</label><input id="picture" name="picture" type="file" accept="image/*">\(error?.message("picture"))
    <p><button>Save</button>
    </form>
    """)
}

/// One note, and the forms to change it and to remove it.
func notePage(_ request: Request, _ user: User, _ note: Note) -> HTML {
  let picture: HTML? = note.picture == nil ? nil : "<p><img src=\"/notes/\(note.id)/picture\" alt=\"\"></p>"
  return page(
    note.title, request, user: user,
    """
    <p>\(note.updatedAt.shown) <a href="/notes/\(note.id)/print">To print</a></p><pre>\(note.body)</pre>\(picture)
    <h2>Change it</h2>
    <form method="post">
    <p><label for="title">Title</label><input id="title" name="title" required maxlength="80" value="\(note.title)">
    <p><label for="body">Text</label><textarea id="body" name="body" rows="4">\(note.body)</textarea>
    <p><button>Save</button>
    </form>
    <form method="post" action="/notes/\(note.id)/delete"><button class="quiet">Delete this note</button></form>
    """)
}

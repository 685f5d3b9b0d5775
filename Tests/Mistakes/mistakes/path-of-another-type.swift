// cannot convert value of type 'String' to expected argument type 'Int'
import Greenfinch

func routes(_ app: App) {
  let note = app.get("/notes/{id}") { (_, id: Int) in "\(id)" }
  print(note.path("7"))
}

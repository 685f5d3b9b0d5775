// call can throw, but it is not marked with 'try' and the error is not handled
import Greenfinch

func routes(_ app: App) {
  app.get("/{id}") { (_, id: Int) in
    let user = load(id)
    return user
  }
}

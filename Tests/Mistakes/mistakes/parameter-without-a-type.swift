// cannot infer type of closure parameter 'id' without a type annotation
import Greenfinch

func routes(_ app: App) {
  app.get("/{id}") { request, id in
    return "user \(id)"
  }
}

// 'get' is unavailable: a handler returns what is sent: text, HTML, an Encodable value, a Response
import Greenfinch

func routes(_ app: App) {
  app.get("/{id}") { (_, id: Int) in
    let user = try load(id)
    "hello \(user.name)"
  }
}

// value of type 'Request' has no member 'methd'
import Greenfinch

func routes(_ app: App) {
  app.get("/") { request in
    let n = request.methd
    return "x \(n)"
  }
}

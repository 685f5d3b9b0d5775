// cannot convert value of type 'User' to closure result type 'String'
import Greenfinch

func routes(_ app: App) {
  app.get("/") { request in
    if request.path == "/" { return "none" }
    return User()
  }
}

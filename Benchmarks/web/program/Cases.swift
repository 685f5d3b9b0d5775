internal import GreenSessions
internal import Greenfinch

enum Keys {
  static let number = RequestKey(0)
  static let user = SessionKey<Int>("user")
}

/// What a server costs without a framework: each request is answered with a constant text.
struct Bare: Application {
  func respond(to request: Request) -> Response { Response("Hello World!") }
}

struct Greeting: Encodable {
  var message: String
}

/// Routes and nothing else.
func routed() -> App {
  let app = App()
  app.get("/plain") { _ in "Hello World!" }
  app.get("/users/{id}") { (_, id: Int) in id == 4711 ? "Hello World!" : "another" }
  app.get("/json") { _ in Greeting(message: "Hello World!") }
  return app
}

/// A hook of each kind, and a value of the request that one of them sets and the handler reads.
func hooked() -> App {
  let app = App()
  app.beforeRequest { (request: Request) -> Void in request[Keys.number] = 4711 }
  app.afterRequest { _, response in response }
  app.teardownRequest { _, _ in }
  app.get("/plain") { request in request[Keys.number] == 4711 ? "Hello World!" : "another" }
  return app
}

/// Ten middleware that only pass on.
func wrapped() -> App {
  let app = routed()
  for _ in 0..<10 { app.use { request, next in try next(request) } }
  return app
}

/// So many routes with a parameter, besides `/plain`.
func wide(_ count: Int) -> App {
  let app = App()
  app.get("/plain") { _ in "Hello World!" }
  for number in 0..<count {
    app.get("/section\(number)/{id}") { (_, id: Int) in id == 4711 ? "Hello World!" : "another" }
  }
  return app
}

// Each kind of set-up inside an async function, an actor and on the main actor: what is called inside closures exists once.
import Greenfinch

private struct Controller: Sendable {
  func index(_ request: Request) -> String { "x" }
  func show(_ request: Request, _ id: Int) async throws -> User? { nil }
  func make(_ request: Request, _ note: Body<NewNote>) throws -> Reply<NewNote> { Reply(note.value, status: .created) }
}

private func page(_ request: Request) throws -> HTML { "x" }
private func typed(_ request: Request, id: Int) -> String { "\(id)" }

func inAnAsyncFunction(_ app: App) async throws {
  app.get("/") { _ in "x" }
  app.get("/{id}") { (_, id: Int) in "x \(id)" }
  app.get("/y") { _ in
    await Task.yield()
    return "x"
  }
  app.post("/n") { (_, note: Body<NewNote>, user: LoggedIn) in note.title }
  app.use { request, next in try next(request) }
  app.use { request, next in
    let response = try next(request)
    return response.withHeader(.server, "x")
  }
  app.use { request, next in
    try await Task.sleep(for: .seconds(1))
    return try next(request)
  }
  app.beforeRequest { _ in }
  app.beforeRequest { request in request.path == "/" ? Response("x") : nil }
  app.errorHandler(.notFound) { _, _ in Response("x") }
  app.get("/e") { _ in EventStream { events in try events.send("x") } }
  app.get("/f") { _ in
    EventStream { events in
      try await Task.sleep(for: .seconds(1))
      try events.send("x")
    }
  }
  let answer = try app.respond(to: Request(.get, "/"))
  print(answer)
}

func functions(_ app: App) {
  let controller = Controller()
  app.get("/f", page)
  app.get("/h/{id}", typed)
  app.get("/i", controller.index)
  app.get("/i/{id}", controller.show)
  app.post("/i", controller.make)
  app.get("/t") { _ -> String in throw HTTPError(.notFound) }
  app.get("/nil") { _ -> String? in nil }
  app.get("/json") { _ in ["ok": true, "n": [1, 2.5, nil]] as JSON }
}

actor Owner {
  let app = App()
  let name = "n"

  func set() {
    app.get("/") { _ in "x" }
    app.get("/a") { [weak self] _ in await self?.told() }
    app.get("/b") { _ in await self.told() }
  }

  func told() -> String { name }
}

@MainActor final class Visits {
  var count = 0

  func bump(_ request: Request) async -> String {
    count += 1
    return "\(count)"
  }
}

@MainActor func onTheMainActor(_ app: App) {
  let visits = Visits()
  app.get("/m") { request in await visits.bump(request) }
  app.get("/n") { @MainActor _ async in
    visits.count += 1
    return "\(visits.count)"
  }
}

import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

private enum Keys {
  static let number = RequestKey(-1)
}

/// What belongs to one request stays with it, wherever its code runs.
@Suite(.bounded) struct MixUpTests {
  private let resource = Resource { () throws -> Int in -1 }

  private func app() -> App {
    let app = App()
    let resource = resource
    app.use { request, next in
      Keys.number.value = try request.query.require("n")
      let response = try next(request)
      return Keys.number.value == request[Keys.number] ? response : Response("mixed up in middleware")
    }
    app.get("/fibers/{id}") { (request, id: Int) in
      let fibers = (0..<3).map { _ in
        Fiber.spawn {
          Fiber.yield()
          return Keys.number.value
        }
      }
      let values = try fibers.map { try $0.value }
      return "\(id) \(Set(values + [request[Keys.number]]).sorted()) \(Request.current?.route ?? "-") \(try resource())"
    }
    app.get("/tasks/{id}") { (request, id: Int) in
      async let one = Self.later()
      let group = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<3 { group.addTask { try await Self.later() } }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      let values = group.union([try await one, request[Keys.number]])
      return "\(id) \(values.sorted()) \(Request.current?.route ?? "-") \(try resource())"
    }
    return app
  }

  private static func later() async throws -> Int {
    await Task.yield()
    return Keys.number.value
  }

  private func ask(_ app: App, _ kind: String, _ number: Int) throws -> Bool {
    let request = try Request(.get, "/\(kind)/\(number)?n=\(number)")
    let response = resource.withValue(number * 2) { app.answer(request, report: { _ in }) }
    return response.text == "\(number) [\(number)] /\(kind)/{id} \(number * 2)"
  }

  @Test func aThousandRequestsInFibers() throws {
    let app = app()
    let right = try onHub {
      let fibers = (0..<1_000).map { number in
        Fiber.spawn { try ask(app, number % 2 == 0 ? "fibers" : "tasks", number) }
      }
      return try fibers.map { try $0.value }.allSatisfy { $0 }
    }
    #expect(right)
  }

  @Test func aThousandRequestsInTasksOnThreads() async throws {
    let app = app()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<1_000 {
        group.addTask {
          await Task.yield()
          return try ask(app, "tasks", number)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}

import GreenHTTPClient
import Greenfinch

// Three slow services asked at once: in fibers, in tasks, and one after the other.

/// What a service answers.
struct Answer: Codable, Sendable {
  var service: String
  var text: String
}

let app = App()
let client = HTTPClient()
let services = ["weather", "news", "trains"]
// This very server plays the services, half a second each. SERVICES names others: https://example.org/services
let address = app.config["SERVICES"]

func ask(_ service: String, at base: String) throws -> Answer {
  try client.get("\(base)/\(service)").successful().json(Answer.self)
}

app.get("/services/{service}") { (_, service: String) in
  try Fiber.sleep(for: .milliseconds(500))
  return Answer(service: service, text: "the \(service) of today")
}

app.get("/fibers") { request in
  let base = address ?? "http://\(request.host ?? "127.0.0.1:8000")/services"
  return try timed("in fibers") {
    try withFiberGroup(of: Answer.self) { group in
      for service in services { try group.spawn { try ask(service, at: base) } }
      return group.reduce(into: []) { $0.append($1) }
    }
  }
}

app.get("/tasks") { request in
  let base = address ?? "http://\(request.host ?? "127.0.0.1:8000")/services"
  return try await timed("in tasks") {
    try await withThrowingTaskGroup(of: Answer.self) { group in
      for service in services {
        group.addTask { try await client.get("\(base)/\(service)").successful().json(Answer.self) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}

app.get("/turns") { request in
  let base = address ?? "http://\(request.host ?? "127.0.0.1:8000")/services"
  return try timed("one after the other") { try services.map { try ask($0, at: base) } }
}

app.get("/") { _ in page("Three slow services", "<p>Each of them takes half a second.") }

app.run()

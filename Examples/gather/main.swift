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
// This very server plays the services, half a second each. SERVICES names others. Never an address of the request's
// Host: that is the client's to choose.
let address = try app.config.get("SERVICES", default: "http://127.0.0.1:8000/services")

func ask(_ service: String) throws -> Answer {
  try client.get("\(address)/\(service)").successful().json(Answer.self)
}

app.get("/services/{service}") { (_, service: String) in
  try Fiber.sleep(for: .milliseconds(500))
  return Answer(service: service, text: "the \(service) of today")
}

app.get("/fibers") { _ in
  try timed("in fibers") {
    try withFiberGroup(of: Answer.self) { group in
      for service in services { try group.spawn { try ask(service) } }
      return group.reduce(into: []) { $0.append($1) }
    }
  }
}

app.get("/tasks") { _ in
  try await timed("in tasks") {
    try await withThrowingTaskGroup(of: Answer.self) { group in
      for service in services {
        group.addTask { try await client.get("\(address)/\(service)").successful().json(Answer.self) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}

app.get("/turns") { _ in
  try timed("one after the other") { try services.map { try ask($0) } }
}

app.get("/") { _ in page("Three slow services", "<p>Each of them takes half a second.") }

app.run()

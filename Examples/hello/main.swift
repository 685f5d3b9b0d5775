import Glibc
import Greenfinch

let app = App()

app.get("/") { _ in
  usleep(500_000)  // a rough stand-in for waiting on a database
  return "Hello World!"
}

app.get("/plain") { _ in "Hello World!" }

app.get("/plain/async") { (_: Request) async in "Hello World!" }

struct Greeting: Encodable {
  var message: String
}

app.get("/json") { _ in Greeting(message: "Hello World!") }

struct Profile: Encodable {
  var id = 4_711
  var name = "Ada Lovelace"
  var email = "ada@example.org"
  var isActive = true
  var city = "London"
  var country = "United Kingdom"
  var score = 98.6
  var visits = 1_815
  var language = "en-GB"
  var created = "2026-11-29T20:51:39Z"
}

app.get("/json/ten") { _ in Profile() }

app.get("/sleep/{seconds}") { request in
  let seconds = try request.parameters.require("seconds", as: Double.self)
  guard (0...60).contains(seconds) else { throw HTTPError(.badRequest, "from 0 to 60 seconds") }
  // usleep need not take more than a second.
  var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(seconds.truncatingRemainder(dividingBy: 1) * 1e9))
  nanosleep(&rest, nil)
  return "Slept for \(seconds) s"
}

// Computes for so many microseconds: what a handler costs that does not wait.
app.get("/spin/{microseconds}") { request in
  let microseconds = try request.parameters.require("microseconds", as: Int.self)
  guard (0...1_000_000).contains(microseconds) else { throw HTTPError(.badRequest, "from 0 to 1000000 microseconds") }
  let end = ContinuousClock.now + .microseconds(microseconds)
  while ContinuousClock.now < end {}
  return "Hello World!"
}

app.get("/async") { _ in
  try await Task.sleep(for: .milliseconds(500))
  return "Hello, task!"
}

// Ten waits of half a second in tasks, and ten in fibers, all at once.
app.get("/gather") { _ in
  try await withThrowingTaskGroup(of: Int.self) { group in
    for number in 0..<10 {
      group.addTask {
        try await Task.sleep(for: .milliseconds(500))
        return number
      }
      group.addTask {
        try await Fiber.run {
          usleep(500_000)
          return number
        }
      }
    }
    return "\(try await group.reduce(0, +))"
  }
}

app.run()  // reads the command line: -w 2 -k green --worker-connections 100

import Greenfinch

// A page that shows how its own server fares, while it does.

let app = App()
let folder = try app.config.get("FOLDER", default: "Examples/dashboard")
let socket = try app.config.get("CONTROL_SOCKET", default: "dashboard.ctl")
/// Those who watch, of this worker: one look a second is for all of them.
let watchers = Rooms()

app.use(SecurityHeaders(contentSecurityPolicy: "default-src 'self'; frame-ancestors 'none'"))
app.files("/static", from: FileFolder("\(folder)/static"))
app.get("/") { _ in File("\(folder)/static/dashboard.html") }

app.onWorkerStart {
  Fiber.spawn { watchServer() }
}

app.get("/events") { _ in
  EventStream { events in
    let watcher = try watchers.join("looks")
    defer { watcher.leave() }
    while let look = try watcher.next() { try events.send(look.text) }
  }
}

// Something to watch: requests that take their time.
app.get("/work") { _ in
  try Fiber.sleep(for: .milliseconds(Int.random(in: 1...200)))
  return "done\n"
}

app.run { configuration in
  configuration.workerClass = .green
  configuration.workers = 2
  configuration.controlSocket = socket
}

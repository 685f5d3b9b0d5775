import Glibc
import GreenHTTP2
import GreenTLS
import GreenWebSocket
import Greenfinch

import class Green.Mutex

// HTTP/2 for the end-to-end tests, and what attacks are tried on: each route tries one promise.

let app = App()

struct Broken: Error {}

/// How many handlers have been told that nobody waits for them.
let cancelled = Mutex(0)

app.get("/plain") { _ in "Hello World!" }
app.get("/pid") { _ in "\(getpid())" }
app.post("/pid") { _ in "\(getpid())" }
app.get("/version") { request in "\(request.version) \(request.scheme) \(request.authority ?? "none")" }
app.get("/sleep/{milliseconds}") { request in
  usleep(UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000)
  return "slept"
}
/// Lasts until there is a file, for as long as a test wants it to.
app.get("/until/{path...}") { request -> String in
  let path = "/" + (try request.parameters.require("path", as: String.self))
  app.logger.notice("a request has begun")
  while access(path, F_OK) != 0 { try Fiber.sleep(for: .milliseconds(5)) }
  return "done"
}
/// Waits until its client has gone, and counts that.
app.get("/wait") { _ in
  app.logger.notice("a request has begun")
  do {
    try Fiber.sleep(for: .seconds(600))
  } catch {
    cancelled.withLock { $0 += 1 }
    throw error
  }
  return "nobody has gone"
}
app.get("/cancelled") { _ in "\(cancelled.withLock { $0 })" }
app.get("/throw") { _ -> String in throw Broken() }
app.get("/no-content") { _ in Response(status: .noContent) }
app.get("/not-modified") { _ in Response(status: .notModified) }
app.get("/close") { _ in Response(headers: [.connection: "close"], body: .string("last")) }
/// The fields as the handler sees them, one a line.
app.post("/fields") { request in request.rawHeaders.map { "\($0.name): \($0.value)\n" }.joined() }
app.get("/fields") { request in request.rawHeaders.map { "\($0.name): \($0.value)\n" }.joined() }
app.post("/echo") { request in Response(try request.body.bytes()) }
/// The fields after the body.
app.post("/trailers") { request in
  let count = try request.body.bytes().count
  return "\(count) \(request.trailers.map { "\($0.name.rawName)=\($0.value)" }.joined(separator: ","))"
}
/// How long the body is, read in pieces.
app.post("/count") { request in
  var room = [UInt8](repeating: 0, count: 65_536)
  var count = 0
  while case let some = try room.withUnsafeMutableBytes({ try request.body.read(into: $0) }), some > 0 { count += some }
  return "\(count)"
}
/// Answers before it has read anything.
app.post("/unread") { _ in "not read" }
/// Reads after a while, so that the client has to wait for room.
app.post("/late/{milliseconds}") { request in
  try Fiber.sleep(for: .milliseconds(try request.parameters.require("milliseconds", as: Int.self)))
  return "\(try request.body.bytes().count)"
}
app.get("/bytes/{count}") { request in
  Response([UInt8](repeating: 120, count: try request.parameters.require("count", as: Int.self)))
}
/// Eight megabytes that all who ask for them share: more than the kernel takes for a client that does not read.
let shared = [UInt8](repeating: 120, count: 8_000_000)
app.get("/shared") { _ in Response(shared) }
/// A body of so many megabytes, made meanwhile.
app.get("/stream/{megabytes}") { request in
  let count = try request.parameters.require("megabytes", as: Int.self)
  return Response(
    body: .stream(
      StreamedBody { body in
        let piece = [UInt8](repeating: 120, count: 65_536)
        for _ in 0..<(16 * count) { try body.write(piece) }
      }))
}
/// Events, one every 50 ms.
app.get("/events/{count}") { request in
  let count = try request.parameters.require("count", as: Int.self)
  return Response(
    contentType: "text/event-stream",
    body: .stream(
      StreamedBody { body in
        for number in 0..<count {
          try body.write("data: \(number)\n\n")
          try Fiber.sleep(for: .milliseconds(50))
        }
      }))
}
/// The letters twenty times, of which a part may be asked for.
app.get("/alphabet") { request in
  Response(String(repeating: "abcdefghijklmnopqrstuvwxyz", count: 20)).conditional(
    for: request, entityTag: EntityTag("1"), ranges: true)
}
/// The page that a browser tries everything with, and what that says in the end.
let report = Mutex("")
app.get("/page") { _ in File(getenv("STREAMS_PAGE").map { String(cString: $0) } ?? "") }
app.post("/report") { request in
  let text = try request.body.text()
  report.withLock { $0 = text }
  return "noted"
}
app.get("/report") { _ in report.withLock { $0 } }
app.webSocket("/socket") { _, socket in
  while let message = try socket.receive() { try socket.send(message) }
}
/// Fails in the middle of its body.
app.get("/torn") { _ in
  Response(
    body: .stream(
      StreamedBody { body in
        try body.write("half")
        try body.flush()
        throw Broken()
      }))
}

app.run {
  $0.http2 = .nghttp2
  $0.tls = .openSSL
}

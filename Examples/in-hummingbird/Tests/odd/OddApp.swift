import Glibc
import Green
import GreenTasks
import GreenWeb

struct Broken: Error {}

/// What handlers tell of themselves.
private let ended = Mutex<[String]>([])
private let bytesRead = Mutex(0)

var oddLimits: HTTPLimits {
  var limits = HTTPLimits()
  limits.body = 64 << 20
  limits.bodyDeadline = .seconds(2)
  limits.writeDeadline = .seconds(2)
  return limits
}

/// Each route tries one promise.
func oddApp() -> App {
  let app = App()
  app.get("/sleep") { _ in
    usleep(500_000)
    return "slept"
  }
  app.get("/threads") { _ in "\(pthread_self())" }
  app.get("/async") { _ in
    try await Task.sleep(for: .milliseconds(100))
    return "\(pthread_self()) \(Request.currentID ?? "none")"
  }
  app.get("/id") { request in "\(request.id) \(Request.currentID ?? "none")" }
  addFailures(app)
  addHeaders(app)
  addBodies(app)
  addEnds(app)
  return app
}

private func addFailures(_ app: App) {
  app.get("/throw") { _ -> String in throw Broken() }
  app.get("/teapot") { _ -> String in
    throw HTTPError(.init(code: 418, reasonPhrase: "I'm a teapot"), "short and stout", headers: [.allow: "BREW"])
  }
  app.get("/broken") { _ in
    Response(
      body: .stream(
        StreamedBody { body in
          for _ in 0..<3 { try body.write("piece") }
          throw Broken()
        }))
  }
  app.get("/stated/{stated}/{written}") { request in
    let stated = try request.parameters.require("stated", as: Int.self)
    let written = try request.parameters.require("written", as: Int.self)
    return Response(
      body: .stream(
        StreamedBody(length: stated) { body in for _ in 0..<written { try body.write("x") } }))
  }
}

private func addHeaders(_ app: App) {
  app.get("/headers") { request in
    var headers: HTTPFields = [.connection: "close", .contentLength: "1000", .transferEncoding: "gzip"]
    headers.append(HTTPField(name: .setCookie, value: "a=1; Path=/"))
    headers.append(HTTPField(name: .setCookie, value: "b=2; Path=/"))
    headers[HTTPField.Name("X-Remote")!] = request.remote
    headers[HTTPField.Name("X-Host")!] = request.authority
    headers[HTTPField.Name("X-Seen")!] = request.header(HTTPField.Name("X-Sent")!)
    return Response(contentType: "text/x-odd", headers: headers, body: .string(request.target))
  }
  app.get("/no-content") { _ in Response(status: .noContent, body: .string("not sent")) }
  app.get("/not-modified") { _ in Response(status: .notModified, headers: [.eTag: "\"x\""], body: .string("not sent")) }
  app.route("/head", methods: [.head]) { _ in Response(headers: [.contentLength: "1234"]) }
  app.get("/created") { _ in Response(status: .created) }
}

private func addBodies(_ app: App) {
  app.get("/pieces/{count}") { request in
    let count = try request.parameters.require("count", as: Int.self)
    return Response(
      contentType: "text/plain",
      body: .stream(
        StreamedBody { body in
          for index in 0..<count {
            try body.write("\(index)\n")
            usleep(50_000)
          }
        }))
  }
  app.get("/endless") { _ in
    Response(
      body: .stream(
        StreamedBody { body in
          defer { ended.withLock { $0.append("endless") } }
          let piece = [UInt8](repeating: 7, count: 100_000)
          while true {
            try body.write(piece)
            bytesRead.withLock { $0 += piece.count }
          }
        }))
  }
  app.post("/count") { request in "\(try request.body.bytes().count) \(request.body.count.map { "\($0)" } ?? "unknown")"
  }
  app.post("/slowly") { request in
    bytesRead.withLock { $0 = 0 }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 16)
    defer { buffer.deallocate() }
    while case let count = try request.body.read(into: buffer), count > 0 {
      bytesRead.withLock { $0 += count }
      usleep(20_000)
    }
    return "\(bytesRead.withLock { $0 })"
  }
  app.post("/echo") { request in
    let source = request.body
    return Response(
      body: .stream(
        StreamedBody { body in
          let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
          defer { buffer.deallocate() }
          while case let count = try source.read(into: buffer), count > 0 {
            try body.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          }
        }))
  }
  app.post("/ignore") { _ in "ignored" }
  app.get("/bytes-read") { _ in "\(bytesRead.withLock { $0 })" }
}

private func addEnds(_ app: App) {
  app.get("/ended") { _ in ended.withLock { $0.joined(separator: " ") } }
  app.get("/wait") { _ in
    defer { ended.withLock { $0.append(Fiber.isCancelled ? "wait-cancelled" : "wait") } }
    sleep(20)
    return "waited"
  }
  app.get("/drip") { _ in
    Response(
      body: .stream(
        StreamedBody { body in
          defer { ended.withLock { $0.append(Fiber.isCancelled ? "drip-cancelled" : "drip") } }
          try body.write("drop")
          try Fiber.sleep(for: .seconds(20))
        }))
  }
  // A fiber that goes on reading what its handler has answered already.
  app.post("/outlived") { request in
    let body = request.body
    Fiber.spawn {
      var byte: UInt8 = 0
      do {
        while try withUnsafeMutableBytes(of: &byte, { try body.read(into: $0) }) > 0 {}
        ended.withLock { $0.append("outlived-end") }
      } catch {
        ended.withLock { $0.append("outlived-error") }
      }
    }
    Fiber.yield()
    return "early"
  }
}

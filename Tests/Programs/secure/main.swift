import Glibc
import GreenTLS
import GreenWebSocket
import Greenfinch

// TLS for the end-to-end tests: each route tries one promise.

let app = App()

app.get("/plain") { _ in "Hello World!" }
app.get("/pid") { _ in "\(getpid())" }
app.get("/who") { request in "\(request.client) \(request.scheme) \(request.host ?? "-")\(request.rootPath)" }
app.get("/tls") { request in
  guard let tls = request.tls else { return "none" }
  return [
    tls.version, tls.serverName ?? "-", tls.applicationProtocol ?? "-", tls.isResumed ? "resumed" : "full",
    tls.peerCertificate?.subject ?? "-",
  ].joined(separator: " ")
}
app.get("/session") { request in "\(request.tls?.isResumed ?? false) \(getpid())" }
app.get("/sleep/{milliseconds}") { request in
  try Fiber.sleep(for: .milliseconds(request.parameters.require("milliseconds", as: Int.self)))
  return "slept"
}
app.get("/bytes/{count}") { request in
  [UInt8](repeating: 120, count: try request.parameters.require("count", as: Int.self))
}
app.get("/stream/{count}") { request -> Response in
  let count = try request.parameters.require("count", as: Int.self)
  return Response(
    body: .stream(
      StreamedBody { body in
        for index in 0..<count {
          try body.write("\(index)\n")
          try Fiber.sleep(for: .milliseconds(1))
        }
      }))
}
/// As many bytes, made while they are sent.
app.get("/flow/{count}") { request -> Response in
  let count = try request.parameters.require("count", as: Int.self)
  return Response(
    body: .stream(
      StreamedBody(length: count) { body in
        let piece = [UInt8](repeating: 120, count: 65_536)
        var left = count
        while left > 0 {
          try piece.withUnsafeBytes { try body.write(UnsafeRawBufferPointer(rebasing: $0.prefix(left))) }
          left -= min(left, piece.count)
        }
      }))
}
app.post("/count") { request in
  var count = 0
  try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { room in
    while case let read = try request.body.read(into: room), read > 0 { count += read }
  }
  return "\(count)"
}
app.webSocket("/async") { _, socket in
  for try await message in socket { try socket.send(message) }
}
app.webSocket("/echo") { _, socket in
  while let message = try socket.receive() { try socket.send(message) }
}

app.run { $0.tls = .openSSL }

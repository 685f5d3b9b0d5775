import Glibc
import GreenWeb

/// A Greenfinch application as it could be served by Greenfinch itself.
func mounted() -> App {
  let app = App()
  app.get("/blocking") { _ in
    usleep(500_000)
    return "slept"
  }
  app.get("/async") { _ in
    try await Task.sleep(for: .milliseconds(500))
    return "slept"
  }
  app.post("/upload") { request in
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { buffer.deallocate() }
    var (total, checksum) = (0, UInt32(0))
    while case let count = try request.body.read(into: buffer), count > 0 {
      total += count
      for index in 0..<count { checksum = checksum &* 31 &+ UInt32(buffer[index]) }
    }
    return "\(total) bytes, checksum \(checksum)"
  }
  app.get("/download/{pieces}") { request in
    let pieces = try request.parameters.require("pieces", as: Int.self)
    let body = StreamedBody { body in
      for piece in 0..<pieces { try body.write([UInt8](repeating: UInt8(truncatingIfNeeded: piece), count: 65_536)) }
    }
    return Response(contentType: "application/octet-stream", body: .stream(body))
  }
  return app
}

/// Uploads of any length: they are not kept in memory.
var mountedLimits: HTTPLimits {
  var limits = HTTPLimits()
  limits.body = 0
  return limits
}

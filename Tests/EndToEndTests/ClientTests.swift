import Green
import GreenHTTPClient
import SuiteSupport
import TestSupport
import Testing

/// `HTTPClient` against servers that are processes: our own, and nginx before it.
@Suite(.bounded) struct ClientTests {
  private func ask(_ url: String) throws {
    var configuration = HTTPClientConfiguration()
    configuration.expectContinueFrom = 100_000
    let client = HTTPClient(configuration: configuration)
    for _ in 0..<3 { #expect(try client.get(url + "/plain").text() == "Hello World!") }
    #expect(try client.head(url + "/plain").headers[.contentLength] == "12")
    #expect(try client.get(url + "/large").bytes().count == 3_000_000)
    #expect(try client.get(url + "/nothing-there").status == .notFound)
    let bytes = [UInt8]((0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 11 >> 2) })
    #expect(try client.post(url + "/echo", body: .bytes(bytes)).bytes() == bytes)
    let chunked = try client.post(
      url + "/echo",
      body: .stream { body in
        for start in stride(from: 0, to: bytes.count, by: 9_999) {
          try body.write(Array(bytes[start...].prefix(9_999)))
        }
      })
    #expect(try chunked.bytes() == bytes)
  }

  @Test(arguments: everyClass)
  func everyWorkerClassIsAsked(_ arguments: [String]) throws {
    let server = try Server("app", arguments)
    // On a plain thread, and in fibers.
    try ask("http://127.0.0.1:\(server.port)")
    if !arguments.contains("sync") {
      try onHub {
        for fiber in (0..<8).map({ _ in Fiber.spawn { try ask("http://127.0.0.1:\(server.port)") } }) {
          try fiber.value
        }
      }
    }
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: Proxy.has("nginx")))
  func nginxIsAsked() throws {
    let server = try Server("app", [])
    let proxy = try Proxy.nginx(to: "127.0.0.1:\(server.port)")
    try ask("http://127.0.0.1:\(proxy.port)")
    try onHub {
      for fiber in (0..<8).map({ _ in Fiber.spawn { try ask("http://127.0.0.1:\(proxy.port)") } }) { try fiber.value }
    }
    #expect(server.stop() == 0)
  }
}

import Green
import GreenHTTP
import GreenHTTP2
import GreenHTTPClient
import GreenTLS
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// HTTP/2 where the server chooses it.
@Suite(.bounded) struct HTTP2Tests {
  private let certificates: Certificates

  init() throws { certificates = try Certificates() }

  private func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) -> HTTPClient {
    var tls = TLSClientConfiguration()
    tls.authoritiesFile = certificates.path("ca.pem")
    var configuration = HTTPClientConfiguration()
    change(&configuration)
    return HTTPClient(tls: .openSSL(tls), http2: .nghttp2, configuration: configuration)
  }

  private func withSecureServer(
    protocols: [String] = ["h2", "http/1.1"], _ application: some Application, streams: Int = 100,
    _ body: (String, HTTPServer) throws -> Void
  ) throws {
    var tls = TLSServerConfiguration(certificates: [.init(file: certificates.path("both.pem"))])
    tls.applicationProtocols = protocols
    var configuration = HTTPConfiguration.patient
    configuration.http2 = .nghttp2
    configuration.concurrentStreams = streams
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let server = HTTPServer(
      listener, application: application, configuration: configuration, security: try TLSContext(server: tls))
    try server.start()
    defer { _ = try? server.stop(grace: .seconds(1)) }
    try body("https://localhost:\(listener.address!.port!)", server)
  }

  private static let echo = Handler { request in
    Response("\(request.version) \(request.method) \(request.target) \(try request.body.text())")
  }

  @Test func requestsShareAConnection() throws {
    try onHub {
      try withSecureServer(
        Handler { request in
          try Fiber.sleep(for: .milliseconds(5))
          return Response("\(request.version) \(request.target)")
        }
      ) { url, server throws in
        let client = client()
        #expect(try client.get(url + "/first").text() == "HTTP/2.0 /first")
        let fibers = (0..<60).map { index in
          Fiber.spawn { try client.get("\(url)/\(index)").text() == "HTTP/2.0 /\(index)" }
        }
        for fiber in fibers { #expect(try fiber.value) }
        #expect(server.openConnections == 1)
      }
    }
  }

  @Test func bodiesGoBothWays() throws {
    try onHub {
      try withSecureServer(Self.echo) { url, _ throws in
        let client = client()
        #expect(try client.post(url, body: .text("hi")).text() == "HTTP/2.0 POST / hi")
        #expect(
          try client.put(url, body: .stream { for _ in 0..<3 { try $0.write("x") } }).text() == "HTTP/2.0 PUT / xxx")
        #expect(try client.head(url).headers[.contentLength] != nil)
        let answer = try client.delete(url)
        #expect(try answer.version == .http2 && answer.text() == "HTTP/2.0 DELETE / ")
      }
      let large = [UInt8]((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 3) })
      try withSecureServer(
        Handler { request in
          let content = try request.body.bytes()
          let sum = request.trailers[.init("X-Sum")!] ?? "7"
          return Response(
            body: .stream(
              StreamedBody(trailers: [.init("X-Sum")!]) { body in
                for start in stride(from: 0, to: content.count, by: 50_000) {
                  try body.write(Array(content[start...].prefix(50_000)))
                }
                try body.setTrailer(.init("X-Sum")!, sum)
              }))
        }
      ) { url, _ throws in
        let client = client()
        let fibers = (0..<4).map { _ in
          Fiber.spawn {
            let answer = try client.post(url, body: .bytes(large))
            return try answer.bytes() == large && answer.body.trailers[.init("X-Sum")!] == "7"
          }
        }
        for fiber in fibers { #expect(try fiber.value) }
      }
    }
  }

  @Test func oneRequestThatIsGivenUpLeavesTheOthers() throws {
    try onHub {
      try withSecureServer(
        Handler { request in
          if request.rawPath == "/slow" { try Fiber.sleep(for: .seconds(20)) }
          return Response([UInt8](repeating: 1, count: 1 << 20))
        }
      ) { url, server throws in
        let client = client()
        _ = try client.get(url).bytes()
        let slow = Fiber.spawn { try client.get(url + "/slow") }
        let other = Fiber.spawn { try client.get(url).bytes().count }
        try Fiber.sleep(for: .milliseconds(30))
        slow.cancel()
        #expect(throws: CancellationError.self) { _ = try slow.value }
        #expect(try other.value == 1 << 20)
        // Dropped unread.
        for _ in 0..<40 { _ = try client.get(url) }
        #expect(try client.get(url).bytes().count == 1 << 20)
        #expect(throws: HTTPClientError.timedOut(.response)) {
          try client.get(url + "/slow", until: .after(.milliseconds(30)))
        }
        #expect(server.openConnections == 1)
      }
    }
  }

  @Test func whereItIsNotChosenThereIsHTTP1() throws {
    try onHub {
      try withSecureServer(protocols: ["http/1.1"], Self.echo) { url, _ throws in
        #expect(try client().get(url).text() == "HTTP/1.1 GET / ")
      }
      try withSecureServer(Self.echo) { url, _ throws in
        // A plain thread has a connection of its own.
        let client = client()
        #expect(try client.get(url).text() == "HTTP/2.0 GET / ")
        #expect(try offload { try client.get(url).text() } == "HTTP/1.1 GET / ")
      }
    }
  }

  @Test func moreThanTheServerAllowsWaitTheirTurn() throws {
    try onHub {
      try withSecureServer(
        Handler { request in
          try Fiber.sleep(for: .milliseconds(2))
          return Response(request.target)
        }, streams: 3
      ) { url, server throws in
        let client = client()
        let fibers = (0..<30).map { index in Fiber.spawn { try client.get("\(url)/\(index)").text() == "/\(index)" } }
        for fiber in fibers { #expect(try fiber.value) }
        #expect(server.openConnections <= 16)
      }
    }
  }
}

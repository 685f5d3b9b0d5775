import Green
import GreenHTTP
import GreenHTTPClient
import GreenTLS
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct TLSTests {
  private let certificates: Certificates

  init() throws { certificates = try Certificates() }

  private func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) -> HTTPClient {
    var tls = TLSClientConfiguration()
    tls.authoritiesFile = certificates.path("ca.pem")
    var configuration = HTTPClientConfiguration()
    change(&configuration)
    return HTTPClient(tls: .openSSL(tls), configuration: configuration)
  }

  private func withSecureServer(
    _ application: Handler, as name: String = "server", _ body: (UInt16, HTTPServer) throws -> Void
  )
    throws
  {
    let certificate = TLSServerConfiguration.Certificate(
      file: certificates.path(name + ".pem"), keyFile: certificates.path(name + ".key"))
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let server = HTTPServer(
      listener, application: application, configuration: .patient,
      security: try TLSContext(server: TLSServerConfiguration(certificates: [certificate])))
    try server.start()
    defer { _ = try? server.stop(grace: .seconds(1)) }
    try body(listener.address!.port!, server)
  }

  @Test func requestsAreEncrypted() throws {
    try onHub {
      try withSecureServer(
        Handler { Response("\($0.scheme) \($0.tls?.serverName ?? "-") \(try $0.body.bytes().count)") }
      ) { port, server throws in
        let client = client()
        for _ in 0..<3 { #expect(try client.get("https://localhost:\(port)/").text() == "https localhost 0") }
        let large = [UInt8](repeating: 7, count: 3 << 20)
        #expect(
          try client.post("https://localhost:\(port)/", body: .bytes(large)).text() == "https localhost \(large.count)")
        #expect(server.openConnections == 1)
        #expect(try client.get("https://127.0.0.1:\(port)/").status == .ok)
      }
    }
  }

  @Test func aServerThatIsAnotherIsRefused() throws {
    try onHub {
      try withSecureServer(.echo, as: "other") { port, _ throws in
        #expect(throws: HandshakeFailure.self) { try client().get("https://localhost:\(port)/") }
      }
      try withSecureServer(.echo, as: "strange") { port, _ throws in
        #expect(throws: HandshakeFailure.self) { try client().get("https://localhost:\(port)/") }
      }
      // Not TLS at all.
      try withRawServer({ try $0.send("HTTP/1.1 200 OK\r\n\r\n") }) { url throws in
        #expect(throws: HandshakeFailure.self) { try client().get("https" + url.dropFirst(4)) }
      }
      // One that says nothing.
      try withRawServer({ try $0.awaitEnd() }) { url throws in
        #expect(throws: HTTPClientError.timedOut(.connecting)) {
          try client { $0.connectTimeout = .milliseconds(50) }.get("https" + url.dropFirst(4))
        }
      }
    }
  }

  /// TLS says when it is over: without that something may be missing.
  @Test func aContentThatEndsWithTheConnectionMustEndInTLS() throws {
    try onHub {
      let context = try TLSContext(
        server: TLSServerConfiguration(certificates: [.init(file: certificates.path("both.pem"))]))
      for isTold in [true, false] {
        try withRawServer({ connection in
          let stream = try context.accept(connection.socket, until: .after(.seconds(60)))
          _ = try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) {
            try stream.receive(into: $0, until: .never)
          }
          try Array("HTTP/1.0 200 OK\r\n\r\nall".utf8).withUnsafeBytes { try stream.send($0, until: .never) }
          if isTold { stream.finishSending() }
        }) { url throws in
          let answer = try client().get("https://localhost" + url.dropFirst("http://127.0.0.1".count))
          if isTold {
            #expect(try answer.text() == "all")
          } else {
            #expect(throws: TLSError.truncated) { try answer.text() }
          }
        }
      }
    }
  }

  @Test func credentialsAreNotTakenFromHTTPSToHTTP() throws {
    try onHub {
      let told = Handler { Response("\($0.header(.authorization) ?? "-") \($0.header(.cookie) ?? "-")") }
      try withServer(told) { plain, _ throws in
        try withSecureServer(Handler { _ in Response(status: .found, headers: [.location: plain + "/x"]) }) {
          port, _ throws in
          let secrets: HTTPFields = [.authorization: "Bearer t", .cookie: "a=b"]
          #expect(try client().get("https://localhost:\(port)/", headers: secrets).text() == "- -")
        }
      }
    }
  }

  @Test func aProxyMakesAWay() throws {
    try onHub {
      try withSecureServer(
        Handler { Response("\($0.authority ?? "-") \($0.header(.proxyAuthorization) ?? "-")") }, as: "other"
      ) { port, _ throws in
        let heads = Guarded<[String]>([])
        try withRawServer({ connection in
          let head = try connection.head()
          heads.withLock { $0.append(head) }
          guard head.contains("Proxy-Authorization: Basic YWRhOnAgdw==\r\n") else {
            try connection.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
          }
          let server = try Socket.connect(to: SocketAddress(host: "127.0.0.1", port: port)!)
          try connection.send("HTTP/1.1 200 Connection established\r\n\r\n")
          let back = Fiber.spawn { try? Self.copy(server, connection.socket) }
          try Self.copy(connection.socket, server)
          try back.value
        }) { url throws in
          let proxy = "http://ada:p%20w@" + url.dropFirst("http://".count)
          let client = client { $0.proxies = HTTPClientProxies(https: proxy) }
          for _ in 0..<2 { #expect(try client.get("https://other.example/").text() == "other.example -") }
          #expect(heads.withLock { $0.count } == 1)
          #expect(
            heads.withLock { $0[0].hasPrefix("CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n") })
          let unknown = self.client { $0.proxies = HTTPClientProxies(https: url) }
          #expect(throws: HTTPClientError.proxyRefused(status: 407)) { try unknown.get("https://other.example/") }
        }
      }
    }
  }

  private static func copy(_ from: Socket, _ to: Socket) throws {
    try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { room in
      while case let count = try from.receive(into: room, until: .after(.seconds(60))), count > 0 {
        try to.send(UnsafeRawBufferPointer(rebasing: room[..<count]))
      }
    }
    to.shutdown(1)
  }
}

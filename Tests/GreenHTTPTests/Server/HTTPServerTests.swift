import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct HTTPServerTests {
  /// A server on a free port, and its address. It ends no connection for being idle: a test may be kept from going on.
  private func started(
    maximum: Int = .max, report: ((Request, any Error) -> Void)? = nil, _ application: some Application
  ) throws -> (HTTPServer, SocketAddress) {
    var configuration = HTTPConfiguration()
    configuration.keepAlive = .seconds(600)
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let server = HTTPServer(
      listener, application: application, configuration: configuration, maximumConnections: maximum, report: report)
    try server.start()
    return (server, listener.address!)
  }

  private func ask(_ socket: Socket, _ path: String = "/") throws -> String {
    try Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
    return try read(socket)
  }

  private func read(_ socket: Socket) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try buffer.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @Test func itServesManyConnectionsAtOnce() throws {
    try onHub {
      let (server, address) = try started(
        Handler { request in
          try Fiber.sleep(for: .milliseconds(20))
          return Response(request.rawPath)
        })
      let fibers = (0..<50).map { index in
        Fiber.spawn { try ask(try Socket.connect(to: address), "/\(index)").hasSuffix("\r\n\r\n/\(index)") }
      }
      for fiber in fibers {
        let isRight = try fiber.value
        #expect(isRight)
      }
      try server.stop(grace: .seconds(5))
    }
  }

  @Test func stoppingEndsIdleConnectionsAndLetsRequestsEnd() throws {
    try onHub {
      let (begun, may) = (Event(), Event())
      let (server, address) = try started(
        Handler { request in
          if request.rawPath == "/slow" {
            begun.set()
            try may.wait()
          }
          return Response("done")
        })
      let (idle, busy) = (try Socket.connect(to: address), try Socket.connect(to: address))
      _ = try ask(idle)
      let answer = Fiber.spawn { try ask(busy, "/slow") }
      try begun.wait()
      let stopping = Fiber.spawn { try server.stop(grace: .seconds(20)) }
      let end = try read(idle)
      #expect(end == "")
      may.set()
      let (text, cut) = (try answer.value, try stopping.value)
      #expect(text.contains("Connection: close") && text.hasSuffix("done") && cut == 0)
      #expect(server.openConnections == 0)
      #expect(throws: (any Error).self) { try Socket.connect(to: address) }
    }
  }

  @Test func aFailureIsReportedWithItsRequest() throws {
    struct Oops: Error {}
    try onHub {
      var reports: [String] = []
      let (server, address) = try started(
        report: { reports.append("\($0.rawPath) \($1) \(Request.currentID == $0.id)") }, Handler { _ in throw Oops() })
      let text = try ask(try Socket.connect(to: address), "/a")
      #expect(text.hasPrefix("HTTP/1.1 500") && reports == ["/a Oops() true"])
      try server.stop(grace: .seconds(5))
    }
  }

  @Test func moreConnectionsThanAllowedWait() throws {
    try onHub {
      let (server, address) = try started(maximum: 1, Handler { _ in Response("done") })
      let (first, second) = (try Socket.connect(to: address), try Socket.connect(to: address))
      _ = try ask(first)
      let waiting = Fiber.spawn { try ask(second) }
      try Fiber.sleep(for: .milliseconds(20))
      #expect(!waiting.isFinished && server.openConnections == 1)
      first.close()
      let text = try waiting.value
      #expect(text.hasSuffix("done"))
      try server.stop(grace: .seconds(5))
    }
  }
}

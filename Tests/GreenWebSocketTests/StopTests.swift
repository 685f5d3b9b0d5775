import Green
import GreenHTTP
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@testable import GreenWebSocket

/// WebSockets whose server stops.
@Suite(.bounded) struct StopTests {
  /// One for each request, which sends back what it receives.
  private struct Echo: Application {
    var configuration = WebSocketConfiguration()

    func respond(to request: Request) throws -> Response {
      try Response.webSocket(request, configuration: configuration) { socket in
        while let message = try socket.receive() { try socket.send(message) }
      }
    }
  }

  private let loopback = SocketAddress(host: "127.0.0.1", port: 0)!

  @Test func aServerInThisProcessSaysSo() throws {
    try onHub {
      let server = HTTPServer(try Listener.bind(loopback), application: Echo())
      try server.start()
      let address = try #require(server.listener.address)
      let clients = try (0..<3).map { _ in try WebSocket.connect("ws://\(address)/") }
      for client in clients {
        try client.send("a")
        try #expect(client.receive() == .text("a"))
      }
      let stopping = Fiber.spawn { try server.stop(grace: .seconds(600)) }
      for client in clients {
        try #expect(client.receive() == nil)
        #expect(client.closeCode == .goingAway)
        client.close()
      }
      try #expect(stopping.value == 0, "nobody is cut off")
    }
  }

  @Test func whoDoesNotAnswerIsNotWaitedForLongerThanItSays() throws {
    var configuration = WebSocketConfiguration()
    configuration.closeDeadline = .milliseconds(50)
    // Nothing else ends the wait.
    configuration.pingInterval = .zero
    try onHub {
      let server = HTTPServer(try Listener.bind(loopback), application: Echo(configuration: configuration))
      try server.start()
      let address = try #require(server.listener.address)
      let silent = try WebSocket.connect("ws://\(address)/")
      try #expect(server.stop(grace: .seconds(600)) == 0)
      try #expect(silent.receive() == nil)
      #expect(silent.closeCode == .goingAway)
    }
  }

  @Test func whatCameBeforeTheAnswerIsStillReceived() throws {
    try onHub {
      let (near, far) = try Socket.pair()
      let (server, client) = (WebSocket(near, isServer: true), WebSocket(far, isServer: false))
      let leaving = Fiber.spawn { server.goAway() }
      try client.send("before")
      try #expect(client.receive() == nil)
      try #expect(server.receive() == .text("before"))
      #expect(throws: Errno.brokenPipe) { try server.send("after") }
      try #expect(server.receive() == nil)
      try leaving.value
    }
  }

  @Test func aCloseThatIsNotTakenIsNotWaitedForLongerThanItSays() throws {
    try onVirtualHub {
      let (near, far) = try Socket.pair()
      let message = [UInt8](repeating: 0, count: 65_536)
      while case let sent = try message.withUnsafeBytes({ try near.sendWithoutWaiting($0) }), sent > 0 {}
      let server = WebSocket(near, isServer: true)
      let time = seconds { server.close() }
      #expect((4.5...7).contains(time), "\(time)")
      #expect(server.closeCode == .abnormal)
      #expect(throws: Errno.brokenPipe) { try server.send("after") }
      far.close()
    }
  }

  /// The caller closes the stream then, and its number may be another's.
  @Test func closingWaitsForWhoStillSends() throws {
    var configuration = WebSocketConfiguration()
    configuration.closeDeadline = .milliseconds(50)
    configuration.sendPatience = .seconds(600)
    configuration.minimumRate = 0
    try onHub {
      let (near, far) = try Socket.pair()
      let server = WebSocket(near, isServer: true, configuration: configuration)
      let sending = Fiber.spawn { try server.send([UInt8](repeating: 1, count: 8 << 20)) }
      Fiber.yield()
      server.close()
      #expect(sending.isFinished)
      #expect(throws: Errno.self) { try sending.value }
      far.close()
    }
  }
}

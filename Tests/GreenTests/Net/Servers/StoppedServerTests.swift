import Green
import GreenTesting
import SuiteSupport
import Testing

/// A handler that is cancelled before it has begun never runs, and counts as one that has ended. Which handlers that
/// befalls depends on the order in which fibers run.
@Suite(.bounded) struct StoppedServerTests {
  @Test func aStreamServerEndsWhateverItsHandlersHadBegun() throws {
    var begun: Set<Int> = []
    try TestHub.explore(seeds: 60) {
      var handled = 0
      let server = StreamServer(try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)) { socket in
        handled += 1
        _ = try socket.receiveText()
      }
      let running = Fiber.spawn { try server.run() }
      let clients = try (0..<3).map { _ in try Socket.connect(to: server.listener.address!) }
      try self.stop {
        try server.stop()
      } when: {
        server.openConnections == 3
      }
      try running.value
      #expect(server.openConnections == 0)
      for client in clients { #expect(throws: Never.self) { try client.receiveToEnd() } }
      begun.insert(handled)
    }
    #expect(begun.contains { $0 < 3 }, "no order had a handler cancelled before it began")
  }

  @Test func aDatagramServerEndsWhateverItsHandlersHadBegun() throws {
    var begun: Set<Int> = []
    try TestHub.explore(seeds: 60) {
      var handled = 0
      let server = DatagramServer(try DatagramSocket.bind(SocketAddress(host: "127.0.0.1", port: 0)!)) { _ in
        handled += 1
        try Fiber.sleep(for: .seconds(1000))
      }
      let running = Fiber.spawn { try server.run() }
      let socket = try DatagramSocket.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      Fiber.yield()
      for _ in 0..<3 { try [UInt8]("x".utf8).withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) } }
      try self.stop {
        try server.stop()
      } when: {
        server.openHandlers == 3
      }
      try running.value
      #expect(server.openHandlers == 0)
      begun.insert(handled)
    }
    #expect(begun.contains { $0 < 3 }, "no order had a handler cancelled before it began")
  }

  /// Stops a server in a fiber that is cancelled, which ends the handlers at once.
  private func stop(_ stop: @escaping () throws -> Void, when isTime: @escaping () -> Bool) throws {
    let stopping = Fiber.spawn {
      while !isTime() { Fiber.yield() }
      Fiber.current!.cancel()
      #expect(throws: CancellationError.self) { try stop() }
    }
    try stopping.join()
  }
}

extension Socket {
  fileprivate func receiveText() throws -> String {
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = try buffer.withUnsafeMutableBytes { try receive(into: $0) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  fileprivate func receiveToEnd() throws { while try receiveText() != "" {} }
}

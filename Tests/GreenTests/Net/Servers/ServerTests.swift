import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private func echo(_ socket: Socket) throws {
  while case let text = try receiveText(socket), text != "" { try sendText(socket, text) }
}

private func ask(_ socket: Socket, _ text: String) throws -> String {
  try sendText(socket, text)
  return try receiveText(socket, until: .after(.seconds(20)))
}

@Suite(.bounded) struct StreamServerTests {
  @Test func eachConnectionIsHandledInAFiber() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      try server.start()
      let clients = (0..<100).map { index in
        Fiber.spawn {
          let socket = try Socket.connect(to: server.listener.address!)
          #expect(try ask(socket, "client \(index)") == "client \(index)")
        }
      }
      for client in clients { try client.value }
      #expect(try server.stop(grace: .seconds(20)) == 0)
      #expect(server.openConnections == 0)
    }
  }

  @Test func runReturnsWhenTheServerIsStopped() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      let address = server.listener.address!
      let running = Fiber.spawn { try server.run() }
      let client = try Socket.connect(to: address)
      #expect(try ask(client, "hello") == "hello")
      client.close()
      #expect(try server.stop(grace: .seconds(20)) == 0)
      try running.value
      #expect(throws: Errno.connectionRefused) { try Socket.connect(to: address) }
    }
  }

  @Test func whatIsBeyondTheLimitWaitsInTheBacklog() throws {
    try onHub {
      var (open, most) = (0, 0)
      let server = StreamServer(try Listener.bind(loopback), maximumConnections: 3) { socket in
        open += 1
        most = max(most, open)
        defer { open -= 1 }
        try echo(socket)
      }
      try server.start()
      let clients = try (0..<10).map { _ in try Socket.connect(to: server.listener.address!) }
      for client in clients { try sendText(client, "x") }
      #expect(try receiveText(clients[2]) == "x")
      #expect(server.openConnections == 3)
      #expect(throws: Errno.timedOut) { try receiveText(clients[3], until: .after(.milliseconds(30))) }
      for (index, client) in clients.enumerated() {
        if index != 2 { #expect(try receiveText(client, until: .after(.seconds(20))) == "x") }
        client.close()
      }
      try server.stop(grace: .seconds(20))
      #expect(most == 3)
    }
  }

  @Test func anErrorOfOneHandlerEndsItsConnectionOnly() throws {
    try onHub {
      var faults: [String] = []
      let server = StreamServer(try Listener.bind(loopback)) { socket in
        if try receiveText(socket) == "fail" { throw Errno.notPermitted }
        try sendText(socket, "well")
      }
      server.onFault = { faults.append("\($0)") }
      try server.start()
      let failing = try Socket.connect(to: server.listener.address!)
      #expect(try ask(failing, "fail") == "")
      let fine = try Socket.connect(to: server.listener.address!)
      #expect(try ask(fine, "go on") == "well")
      try server.stop()
      #expect(faults == ["a handler failed for \(failing.localAddress!): Operation not permitted"])
    }
  }

  @Test func handlersAreGivenTheGraceAndThenCutOff() throws {
    try onHub {
      var ended: [String] = []
      let server = StreamServer(try Listener.bind(loopback)) { socket in
        let text = try receiveText(socket)
        defer { ended.append(text) }
        try Fiber.sleep(for: .milliseconds(20))
        if text == "long" { try echo(socket) }
        try sendText(socket, "done")
      }
      server.onFault = { Issue.record("\($0)") }
      let running = Fiber.spawn { try server.run() }
      let clients = try ["short", "long"].map { text in
        let socket = try Socket.connect(to: server.listener.address!)
        try sendText(socket, text)
        return socket
      }
      while server.openConnections < 2 { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(try server.stop(grace: .milliseconds(300)) == 1)
      #expect(try receiveText(clients[0]) == "done")
      #expect(try receiveText(clients[1]) == "")
      try running.value
      #expect(ended == ["short", "long"])
    }
  }

  @Test func aServerAtItsLimitCanBeStopped() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), maximumConnections: 1, handler: echo)
      let running = Fiber.spawn { try server.run() }
      let clients = try (0..<3).map { _ in try Socket.connect(to: server.listener.address!) }
      #expect(try ask(clients[0], "x") == "x")
      #expect(try server.stop(grace: .milliseconds(10)) == 1)
      try running.value
    }
  }

  @Test func aHandlerMayStopTheServer() throws {
    try onHub {
      var cut = -1
      var server: StreamServer?
      server = StreamServer(try Listener.bind(loopback)) { socket in
        _ = try receiveText(socket)
        cut = try server!.stop(grace: .milliseconds(10))
      }
      let running = Fiber.spawn { try server!.run() }
      let client = try Socket.connect(to: server!.listener.address!)
      #expect(try ask(client, "stop") == "")
      try running.value
      #expect(cut == 1)
      server = nil
    }
  }

  @Test func stoppingTwiceAndBeforeTheStart() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      #expect(try server.stop() == 0)
      try server.run()
      #expect(try server.stop() == 0)
    }
  }

  @Test func aListenerThatSomebodyClosesEndsTheServerWithTheError() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      let running = Fiber.spawn { try server.run() }
      Fiber.yield()
      server.listener.close()
      #expect(throws: Errno.badFileDescriptor) { try running.value }
    }
  }

  @Test func theEndOfAServerThatWasOnlyStartedIsTold() throws {
    try onHub {
      var faults: [String] = []
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      server.onFault = { faults.append("\($0)") }
      try server.start()
      let client = try Socket.connect(to: server.listener.address!)
      #expect(try ask(client, "here") == "here")
      server.listener.close()
      while faults.isEmpty { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(faults == ["the server takes nothing any more: Bad file descriptor"])
      #expect(try ask(client, "still") == "still")
      client.close()
      while server.openConnections > 0 { try Fiber.sleep(for: .milliseconds(1)) }
      // Who comes to wait for it hears of it too.
      #expect(throws: Errno.badFileDescriptor) { try server.run() }
      #expect(faults.count == 1)
    }
  }

  @Test func thatAServerIsStoppedIsNotAFault() throws {
    var faults: [String] = []
    try onHub {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      server.onFault = { faults.append("\($0)") }
      try server.start()
      Fiber.yield()
      try server.stop()
    }
    #expect(faults == [])
  }

  @Test func withoutAHubItDoesNotStart() throws {
    try onThread {
      let server = StreamServer(try Listener.bind(loopback), handler: echo)
      #expect(throws: HubError.self) { try server.start() }
    }
  }

  @Test func unixSocketsAreServedToo() throws {
    try onHub {
      let address = SocketAddress(unixPath: "@greenfinch-test-\(getpid())-server")!
      let server = StreamServer(try Listener.bind(address), handler: echo)
      try server.start()
      let client = try Socket.connect(to: address)
      #expect(try ask(client, "over a path") == "over a path")
      client.close()
      try server.stop(grace: .seconds(20))
    }
  }
}

@Suite(.bounded) struct DatagramServerTests {
  private func ask(_ socket: DatagramSocket, _ text: String, _ address: SocketAddress) throws -> String {
    try Array(text.utf8).withUnsafeBytes { try socket.send($0, to: address) }
    return try GreenTests.text(atMost: 1000) { try socket.receive(into: $0, until: .after(.seconds(20))).count }
  }

  @Test func eachDatagramIsHandledInAFiber() throws {
    try onHub {
      let othersAreAnswered = Event()
      let server = DatagramServer(try DatagramSocket.bind(loopback)) { datagram in
        if datagram.bytes == Array("slow".utf8) { try othersAreAnswered.wait() }
        try datagram.reply(datagram.bytes)
      }
      let running = Fiber.spawn { try server.run() }
      var order: [String] = []
      let clients = ["slow", "fast", ""].map { text in
        Fiber.spawn {
          let socket = try DatagramSocket.bind(loopback)
          order.append(try self.ask(socket, text, server.socket.localAddress!))
          if order.count == 2 { othersAreAnswered.set() }
        }
      }
      for client in clients { try client.value }
      #expect(order == ["fast", "", "slow"])
      #expect(try server.stop() == 0)
      try running.value
    }
  }

  @Test func atItsLimitItLeavesDatagramsInTheKernel() throws {
    try onHub {
      var (open, most) = (0, 0)
      let server = DatagramServer(try DatagramSocket.bind(loopback), maximumHandlers: 2) { datagram in
        open += 1
        most = max(most, open)
        try Fiber.sleep(for: .milliseconds(3))
        open -= 1
        try datagram.reply(datagram.bytes)
      }
      try server.start()
      let socket = try DatagramSocket.bind(loopback)
      for index in 0..<20 {
        try Array("\(index)".utf8).withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) }
      }
      let answers = try (0..<20).map { _ in
        try text(atMost: 100) { try socket.receive(into: $0, until: .after(.seconds(20))).count }
      }
      #expect(Set(answers) == Set((0..<20).map { "\($0)" }))
      #expect(most == 2)
      try server.stop()
    }
  }

  @Test func anErrorOfOneHandlerEndsNothingElse() throws {
    try onHub {
      var faults: [String] = []
      let server = DatagramServer(try DatagramSocket.bind(loopback), maximumSize: 8) { datagram in
        if datagram.isTruncated { throw Errno.messageTooLong }
        try datagram.reply(datagram.bytes)
      }
      server.onFault = { faults.append("\($0)") }
      try server.start()
      let socket = try DatagramSocket.bind(loopback)
      try Array("much too long".utf8).withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) }
      #expect(try self.ask(socket, "short", server.socket.localAddress!) == "short")
      #expect(faults == ["a handler failed for \(socket.localAddress!): Message too long"])
      try server.stop()
    }
  }

  @Test func theEndOfAServerThatWasOnlyStartedIsTold() throws {
    try onHub {
      var faults: [String] = []
      let server = DatagramServer(try DatagramSocket.bind(loopback)) { try $0.reply($0.bytes) }
      server.onFault = { faults.append("\($0)") }
      try server.start()
      Fiber.yield()
      server.socket.close()
      while faults.isEmpty { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(faults == ["the server takes nothing any more: Bad file descriptor"])
      #expect(throws: Errno.badFileDescriptor) { try server.run() }
    }
  }

  @Test func handlersMayAnswerWithinTheGrace() throws {
    try onHub {
      let server = DatagramServer(try DatagramSocket.bind(loopback)) { datagram in
        try Fiber.sleep(for: .milliseconds(30))
        try datagram.reply(datagram.bytes)
      }
      let running = Fiber.spawn { try server.run() }
      let socket = try DatagramSocket.bind(loopback)
      try Array("last".utf8).withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) }
      while server.openHandlers == 0 { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(try server.stop(grace: .seconds(20)) == 0)
      #expect(try text(atMost: 10) { try socket.receive(into: $0).count } == "last")
      #expect(server.socket.descriptor == -1)
      try running.value
    }
  }

  @Test func handlersThatTakeLongerAreCutOff() throws {
    try onHub {
      let server = DatagramServer(try DatagramSocket.bind(loopback)) { datagram in
        try Fiber.sleep(for: .seconds(60))
        try datagram.reply(datagram.bytes)
      }
      server.onFault = { Issue.record("\($0)") }
      let running = Fiber.spawn { try server.run() }
      let socket = try DatagramSocket.bind(loopback)
      try Array("late".utf8).withUnsafeBytes { try socket.send($0, to: server.socket.localAddress!) }
      while server.openHandlers == 0 { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(try server.stop(grace: .milliseconds(5)) == 1)
      try running.value
      #expect(server.openHandlers == 0)
    }
  }

  @Test func aServerWhoseRunIsEndedServesNoLonger() throws {
    try onHub {
      let server = StreamServer(try Listener.bind(loopback)) { try echo($0) }
      let address = server.listener.address!
      let running = Fiber.spawn { try server.run() }
      let client = try Socket.connect(to: address)
      try sendText(client, "here")
      #expect(try receiveText(client) == "here")
      running.cancel()
      #expect(throws: CancellationError.self) { try running.value }
      #expect(throws: Errno.connectionRefused) { try Socket.connect(to: address) }
    }
    try onHub {
      let server = DatagramServer(try DatagramSocket.bind(loopback)) { _ in }
      #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try server.run() } }
    }
  }
}

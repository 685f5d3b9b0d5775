import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct SocketTests {
  @Test func whatIsSentIsReceived() throws {
    try onHub {
      let (client, server) = try connectedPair()
      try sendText(client, "hello")
      #expect(try receiveText(server) == "hello")
      client.close()
      #expect(try receiveText(server) == "")
    }
  }

  /// How a thread ends the wait of another without a word to the peer: what comes then is still told from nothing.
  @Test func aThreadsWaitToReceiveIsEndedByADescriptor() throws {
    let (near, far) = try Socket.pair()
    let pipe = try Pipe()
    near.receiveInterrupt = pipe.reading.descriptor
    try inParallel([
      { #expect(throws: Errno.canceled) { try receiveText(near) } },
      {
        usleep(50_000)
        write(pipe.writing.descriptor, "x", 1)
      },
    ])
    try sendText(far, "late")
    let late = try receiveText(near)
    #expect(late == "late")
    // As long as it is not taken back, no wait begins; as before, what is there is received.
    #expect(throws: Errno.canceled) { try receiveText(near) }
    var byte: UInt8 = 0
    read(pipe.reading.descriptor, &byte, 1)
    near.resumeReceive()
    try inParallel([
      {
        let more = try receiveText(near)
        #expect(more == "more")
      },
      {
        usleep(50_000)
        try sendText(far, "more")
      },
    ])
  }

  @Test func unixSocketsByPathAndAbstractly() throws {
    try onHub {
      let path = "/tmp/greenfinch-test-\(getpid()).sock"
      unlink(path)
      for name in [path, "@greenfinch-test-\(getpid())"] {
        let address = SocketAddress(unixPath: name)!
        let listener = try Listener.bind(address)
        let server = Fiber.spawn { try receiveText(try listener.accept()) }
        let client = try Socket.connect(to: address)
        try sendText(client, name)
        #expect(try server.value == name)
        #expect(client.peerDescription == "unix:\(name)")
      }
      unlink(path)
    }
  }

  @Test func aMegabyteEachWayAtOnce() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let size = 1 << 20
      let bytes = [UInt8](repeating: 7, count: size)
      let readAll: (Socket) -> Fiber<Int> = { socket in
        Fiber.spawn {
          var total = 0
          var buffer = [UInt8](repeating: 0, count: 10_000)
          while total < size { total += try buffer.withUnsafeMutableBytes { try socket.receive(into: $0) } }
          return total
        }
      }
      let readers = [readAll(client), readAll(server)]
      let writers = [client, server].map { socket in Fiber.spawn { try bytes.withUnsafeBytes { try socket.send($0) } } }
      for writer in writers { try writer.value }
      #expect(try readers.map { try $0.value } == [size, size])
    }
  }

  @Test func aReceiveEndsAtItsDeadline() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let elapsed = seconds {
        #expect(throws: Errno.timedOut) { try receiveText(client, until: .after(.milliseconds(30))) }
      }
      #expect(elapsed >= 0.03 && elapsed < 30)
      withExtendedLifetime(server) {}
    }
  }

  @Test func deadlinesThatMoveWithEachReceiveAreKept() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let talker = Fiber.spawn {
        for _ in 0..<20 {
          try Fiber.sleep(for: .milliseconds(5))
          try sendText(server, "x")
        }
      }
      for _ in 0..<20 { #expect(try receiveText(client, until: .after(.seconds(20))) == "x") }
      #expect(throws: Errno.timedOut) { try receiveText(client, until: .after(.milliseconds(20))) }
      try talker.value
    }
  }

  @Test func closingWakesTheFiberThatWaits() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let waiting = Fiber.spawn { try receiveText(client) }
      Fiber.yield()
      client.close()
      #expect(throws: Errno.badFileDescriptor) { try waiting.value }
      withExtendedLifetime(server) {}
    }
  }

  @Test func aCancelledReceiveDeliversWhatHasArrivedAndThenFails() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let waiting = Fiber.spawn { try receiveText(client) }
      Fiber.yield()
      client.cancelReceive()
      #expect(throws: Errno.canceled) { try waiting.value }
      try sendText(server, "late")
      try Fiber.sleep(for: .milliseconds(5))
      #expect(try receiveText(client) == "late")
      #expect(throws: Errno.canceled) { try receiveText(client) }
    }
  }

  @Test func whereNobodyListensTheConnectionIsRefused() throws {
    try onHub {
      let address = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!).address!
      #expect(throws: Errno.connectionRefused) { try Socket.connect(to: address) }
    }
  }

  @Test func theSameSocketsBlockAPlainThread() throws {
    try onThread {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let client = try Socket.connect(to: listener.address!)
      let server = try listener.accept()
      try sendText(client, "hi")
      #expect(try receiveText(server) == "hi")
      #expect(throws: Errno.timedOut) { try receiveText(server, until: .after(.milliseconds(20))) }
      #expect(throws: Errno.timedOut) { try listener.accept(until: .after(.milliseconds(20))) }
    }
  }

  @Test func aThousandConnectionsAtOnce() throws {
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let server = Fiber.spawn {
        for _ in 0..<300 {
          let socket = try listener.accept()
          Fiber.spawn { while case let text = try receiveText(socket), text != "" { try sendText(socket, text) } }
        }
      }
      let clients = (0..<300).map { index in
        Fiber.spawn {
          let socket = try Socket.connect(to: listener.address!)
          for round in 0..<5 {
            try sendText(socket, "\(index) \(round)")
            #expect(try receiveText(socket) == "\(index) \(round)")
          }
        }
      }
      for client in clients { try client.value }
      try server.value
    }
  }

  /// What C would see of it is another host.
  @Test func aHostWithANulIsNone() throws {
    #expect(SocketAddress(host: "127.0.0.1\0.example", port: 80) == nil)
    #expect(SocketAddress(host: "::1\0.example", port: 80) == nil)
    try onHub {
      #expect(throws: (any Error).self) { try Socket.connect(host: "127.0.0.1\0.example", port: 9) }
      #expect(throws: (any Error).self) { try Resolver.addressInfo(host: "127.0.0.1\0.example", service: nil) }
    }
  }
}

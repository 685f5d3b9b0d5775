import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// A wait of every kind, and what ends when it is closed.
private struct Wait: Sendable {
  let name: String
  /// Makes what is waited for: how to wait, and how to close it.
  let make: @Sendable () throws -> (wait: () throws -> Void, close: () -> Void)
}

private let big = [UInt8](repeating: 0, count: 8 << 20)

private func file(of size: Int) -> CInt {
  var name = Array("/tmp/greenfinch-test-XXXXXX".utf8CString)
  let descriptor = mkstemp(&name)
  unlink(name)
  ftruncate(descriptor, off_t(size))
  return descriptor
}

private let waits = [
  Wait(name: "receive") {
    let (one, other) = try connectedPair()
    return (
      {
        _ = try receiveText(one); _ = other
      }, one.close
    )
  },
  Wait(name: "receive after a short one") {
    let (one, other) = try connectedPair()
    try sendText(other, "x")
    _ = try receiveText(one)
    return (
      {
        _ = try receiveText(one); _ = other
      }, one.close
    )
  },
  Wait(name: "receive after another") {
    let (one, other) = try connectedPair()
    Fiber.spawn { #expect(throws: Errno.badFileDescriptor) { try receiveText(one) } }
    return (
      {
        _ = try receiveText(one); _ = other
      }, one.close
    )
  },
  Wait(name: "peek") {
    let (one, other) = try connectedPair()
    return (
      {
        _ = try text(atMost: 1) { try one.peek(into: $0) }; _ = other
      }, one.close
    )
  },
  Wait(name: "receive in parts") {
    let (one, other) = try connectedPair()
    return (
      {
        _ = try text(atMost: 1) { try one.receive(into: [$0]) }; _ = other
      }, one.close
    )
  },
  Wait(name: "receive descriptors") {
    let (one, other) = try Socket.pair()
    return (
      {
        _ = try text(atMost: 1) { try one.receiveDescriptors(into: $0).count }; _ = other
      }, one.close
    )
  },
  Wait(name: "send") {
    let (one, other) = try connectedPair()
    return (
      {
        try big.withUnsafeBytes { try one.send($0) }; _ = other
      }, one.close
    )
  },
  Wait(name: "send after another") {
    let (one, other) = try connectedPair()
    Fiber.spawn {
      let error = thrown { try big.withUnsafeBytes { try one.send($0) } }
      #expect(error as? Errno == .badFileDescriptor)
    }
    return (
      {
        try big.withUnsafeBytes { try one.send($0) }; _ = other
      }, one.close
    )
  },
  Wait(name: "send in parts") {
    let (one, other) = try connectedPair()
    return (
      {
        try big.withUnsafeBytes { try one.send([$0, $0]) }; _ = other
      }, one.close
    )
  },
  Wait(name: "send a file") {
    let (one, other) = try connectedPair()
    let file = file(of: 8 << 20)
    return (
      {
        defer { close(file) }
        try one.sendFile(file, offset: 0, count: 8 << 20)
        _ = other
      }, one.close
    )
  },
  Wait(name: "accept") {
    let listener = try Listener.bind(loopback)
    return ({ _ = try listener.accept() }, listener.close)
  },
  Wait(name: "accept after another") {
    let listener = try Listener.bind(loopback)
    Fiber.spawn { #expect(throws: Errno.badFileDescriptor) { try listener.accept() } }
    return ({ _ = try listener.accept() }, listener.close)
  },
  Wait(name: "wait for a connection") {
    let listener = try Listener.bind(loopback)
    return ({ try listener.waitForConnection() }, listener.close)
  },
  Wait(name: "receive a datagram") {
    let socket = try DatagramSocket.bind(loopback)
    return ({ _ = try text(atMost: 1) { try socket.receive(into: $0).count } }, socket.close)
  },
  Wait(name: "receive a batch") {
    let socket = try DatagramSocket.bind(loopback)
    return ({ try socket.receive(into: DatagramBatch(capacity: 4)) }, socket.close)
  },
  Wait(name: "send a datagram") {
    let (one, other) = try DatagramSocket.pair()
    return (
      {
        while true { try big.prefix(1000).withUnsafeBytes { try one.send($0) } }
        _ = other
      }, one.close
    )
  },
  Wait(name: "read a pipe") {
    let pipe = try Pipe()
    return (
      {
        _ = try readText(pipe.reading); _ = pipe
      }, pipe.reading.close
    )
  },
  Wait(name: "read a pipe after another") {
    let pipe = try Pipe()
    Fiber.spawn { #expect(throws: Errno.badFileDescriptor) { try readText(pipe.reading) } }
    return (
      {
        _ = try readText(pipe.reading); _ = pipe
      }, pipe.reading.close
    )
  },
  Wait(name: "write to a pipe") {
    let pipe = try Pipe()
    return (
      {
        try big.withUnsafeBytes { try pipe.writing.write($0) }; _ = pipe
      }, pipe.writing.close
    )
  },
  Wait(name: "read a lent descriptor") {
    let pipe = try Pipe()
    let lent = DescriptorStream(adopting: pipe.reading.descriptor, closes: false)
    return (
      {
        _ = try readText(lent); _ = pipe
      }, lent.close
    )
  },
  Wait(name: "readiness") {
    let (one, other) = try connectedPair()
    return (
      {
        try Readiness.wait(for: one.descriptor, .read); _ = other
      }, one.close
    )
  },
  Wait(name: "readiness of several") {
    let pairs = try (0..<3).map { _ in try connectedPair() }
    return (
      {
        var entries = pairs.map { pollfd(fd: $0.client.descriptor, events: CShort(POLLIN), revents: 0) }
        try entries.withUnsafeMutableBufferPointer { try Readiness.wait(for: $0, until: .never) }
      }, pairs[1].client.close
    )
  },
]

@Suite(.bounded) struct CloseTests {
  @Test(arguments: waits.map(\.name))
  func closingEndsTheWait(_ name: String) throws {
    try onHub {
      let (wait, close) = try waits.first { $0.name == name }!.make()
      let waiting = Fiber.spawn { try wait() }
      for _ in 0..<3 { Fiber.yield() }
      #expect(!waiting.isFinished)
      close()
      #expect(throws: Errno.badFileDescriptor) { try waiting.value }
    }
  }

  @Test(arguments: waits.map(\.name))
  func aWaitOnWhatIsClosedAlreadyFails(_ name: String) throws {
    try onHub {
      let (wait, close) = try waits.first { $0.name == name }!.make()
      close()
      if name.hasPrefix("readiness of several") { return }
      #expect(throws: Errno.badFileDescriptor) { try wait() }
    }
  }

  @Test func aShutdownEndsTheWaitWithoutAnError() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let receiving = Fiber.spawn { try receiveText(client) }
      Fiber.yield()
      client.shutdown(CInt(SHUT_RD))
      #expect(try receiving.value == "")
      let sending = Fiber.spawn { try big.withUnsafeBytes { try client.send($0) } }
      Fiber.yield()
      client.shutdown(CInt(SHUT_WR))
      #expect(throws: Errno.brokenPipe) { try sending.value }
      withExtendedLifetime(server) {}
    }
  }

  @Test func thePeersResetEndsTheWait() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let receiving = Fiber.spawn { try receiveText(client) }
      Fiber.yield()
      try server.setOption(.linger, to: .zero)
      server.close()
      #expect(throws: Errno.connectionReset) { try receiving.value }
    }
  }

  @Test func theNumberOfAClosedDescriptorMayBeUsedAgainAtOnce() throws {
    try onHub {
      for _ in 0..<50 {
        let (client, server) = try connectedPair()
        let waiting = Fiber.spawn { try receiveText(client) }
        Fiber.yield()
        client.close()
        let pipe = try Pipe()
        try writeText(pipe.writing, "for another")
        #expect(throws: Errno.badFileDescriptor) { try waiting.value }
        #expect(try readText(pipe.reading) == "for another")
        withExtendedLifetime(server) {}
      }
    }
  }
}

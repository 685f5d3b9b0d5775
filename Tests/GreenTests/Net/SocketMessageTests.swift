import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private let content = (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }

/// What sockets do beyond plain sending and receiving.
@Suite(.bounded) struct SocketMessageTests {
  @Test func partsAreSentAndReceivedInTheirOrder() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let parts = ["one ", "", "two ", "three"].map { Array($0.utf8) }
      try parts[0].withUnsafeBytes { one in
        try parts[1].withUnsafeBytes { empty in
          try parts[2].withUnsafeBytes { two in
            try parts[3].withUnsafeBytes { try client.send([empty, one, empty, two, $0, empty]) }
          }
        }
      }
      var (first, second) = ([UInt8](repeating: 0, count: 6), [UInt8](repeating: 0, count: 100))
      let count = try first.withUnsafeMutableBytes { first in
        try second.withUnsafeMutableBytes { try server.receive(into: [first, $0]) }
      }
      #expect(count == 13)
      #expect(String(decoding: first + second[..<7], as: UTF8.self) == "one two three")
      try client.send([UnsafeRawBufferPointer]())
      #expect(try server.receive(into: [UnsafeMutableRawBufferPointer]()) == 0)
    }
  }

  @Test func moreAndLargerPartsThanOneCallTakes() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let size = 3001
      let bytes = (0..<5000 * size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let sending = Fiber.spawn {
        try bytes.withUnsafeBytes { all in
          try client.send((0..<5000).map { UnsafeRawBufferPointer(rebasing: all[$0 * size..<($0 + 1) * size]) })
        }
      }
      #expect(try receiveAll(server, atMost: bytes.count) == bytes)
      try sending.value
    }
  }

  @Test func receivingIntoMorePartsThanOneCallTakes() throws {
    try onHub {
      let (client, server) = try connectedPair()
      try sendText(client, String(repeating: "x", count: 3000))
      var room = [UInt8](repeating: 0, count: 3000)
      var received = 0
      while received < 3000 {
        received += try room.withUnsafeMutableBytes { all in
          try server.receive(into: (received..<3000).map { UnsafeMutableRawBufferPointer(rebasing: all[$0..<$0 + 1]) })
        }
      }
      #expect(room.allSatisfy { $0 == UInt8(ascii: "x") })
    }
  }

  @Test func whatIsPeekedAtIsReceivedAgain() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let peeking = Fiber.spawn { try text(atMost: 3) { try server.peek(into: $0) } }
      Fiber.yield()
      try sendText(client, "hello")
      #expect(try peeking.value == "hel")
      #expect(try text(atMost: 100) { try server.peek(into: $0) } == "hello")
      #expect(try receiveText(server) == "hello")
      #expect(throws: Errno.timedOut) {
        try text(atMost: 100) { try server.peek(into: $0, until: .after(.milliseconds(5))) }
      }
      client.close()
      #expect(try text(atMost: 100) { try server.peek(into: $0) } == "")
    }
  }

  @Test func whatHasComeByADeadlineThatHasPassedIsReceived() throws {
    for run in [onHub, { try onThread($1) }] as [(Int, @escaping () throws -> Void) throws -> Void] {
      try run(Hub.defaultStackSize) {
        let (client, server) = try connectedPair()
        for _ in 0..<3 {
          try sendText(client, "in time")
          // Over loopback, what is sent has come; the receive before was short, so this one begins by waiting.
          #expect(try receiveText(server, until: .now) == "in time")
        }
        #expect(throws: Errno.timedOut) { try receiveText(server, until: .now) }
      }
    }
  }

  // MARK: Files

  private func file(_ bytes: [UInt8]) -> CInt {
    var name = Array("/tmp/greenfinch-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    unlink(name)
    var done = 0
    while done < bytes.count {
      done += bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, bytes.count - done) }
    }
    return descriptor
  }

  @Test func aPartOfAFileIsSentAndItsPositionStays() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let file = file(content)
      defer { close(file) }
      lseek(file, 5, SEEK_SET)
      let sending = Fiber.spawn { try client.sendFile(file, offset: 1000, count: 4 << 20) }
      #expect(try receiveAll(server, atMost: 4 << 20) == Array(content[1000..<1000 + 4 << 20]))
      #expect(try sending.value == 4 << 20)
      #expect(lseek(file, 0, SEEK_CUR) == 5)
    }
  }

  @Test func aFileThatEndsBeforeIsSentToItsEnd() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let file = file(Array(content[..<1000]))
      defer { close(file) }
      #expect(try client.sendFile(file, offset: 900, count: .max / 2) == 100)
      #expect(try client.sendFile(file, offset: 2000, count: 10) == 0)
      #expect(try client.sendFile(file, offset: 0, count: 0) == 0)
      client.close()
      #expect(try receiveAll(server) == Array(content[900..<1000]))
    }
  }

  @Test func aFileIsSentThroughASocketThatBlocksToo() throws {
    let body: () throws -> Void = {
      let (client, server) = try connectedPair()
      let flags = fcntl(client.descriptor, F_GETFL)
      _ = fcntl(client.descriptor, F_SETFL, flags & ~O_NONBLOCK)
      let file = self.file(content)
      defer { close(file) }
      if Hub.current != nil {
        let sending = Fiber.spawn { try client.sendFile(file, offset: 0, count: content.count) }
        #expect(try receiveAll(server, atMost: content.count) == content)
        #expect(try sending.value == content.count)
      } else {
        #expect(throws: Errno.timedOut) {
          try client.sendFile(file, offset: 0, count: content.count, until: .after(.milliseconds(20)))
        }
      }
      #expect(fcntl(client.descriptor, F_GETFL) & O_NONBLOCK == 0)
    }
    try onHub(body)
    try onThread(body)
  }

  @Test func aFileWithoutPagesIsReadAndSent() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let file = open("/proc/self/status", O_RDONLY)
      defer { close(file) }
      let count = try client.sendFile(file, offset: 0, count: 1 << 20)
      client.close()
      let text = String(decoding: try receiveAll(server), as: UTF8.self)
      #expect(text.utf8.count == count && text.hasPrefix("Name:"))
    }
  }

  @Test func whatCannotBeSentIsAnError() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let pipe = try Pipe()
      #expect(throws: Errno.illegalSeek) { try client.sendFile(pipe.reading.descriptor, offset: 0, count: 1) }
      #expect(throws: Errno.badFileDescriptor) { try client.sendFile(-1, offset: 0, count: 1) }
      #expect(throws: Errno.invalidArgument) { try client.sendFile(0, offset: -1, count: 1) }
      #expect(throws: Errno.invalidArgument) { try client.sendFile(0, offset: 0, count: -1) }
      let file = file(content)
      defer { close(file) }
      try server.setOption(.linger, to: .zero)
      server.close()
      // SIGPIPE would end the test runner.
      _ = thrown { try client.sendFile(file, offset: 0, count: 1) }
      let error = thrown { try client.sendFile(file, offset: 0, count: 1) }
      #expect(error as? Errno == .brokenPipe)
    }
  }

  // MARK: Unix domain

  @Test func aPairIsConnectedToItself() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      try sendText(one, "there")
      try sendText(other, "and back")
      #expect(try receiveText(other) == "there")
      #expect(try receiveText(one) == "and back")
      #expect(one.peerDescription == "unix:")
    }
  }

  @Test func whoIsAtTheOtherEnd() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      #expect(try one.peerCredentials == PeerCredentials(process: getpid(), user: getuid(), group: getgid()))
      let (client, _) = try connectedPair()
      #expect(thrown { _ = try client.peerCredentials } is Errno)
      withExtendedLifetime(other) {}
    }
  }

  @Test func descriptorsArePassedBesideBytes() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      let pipe = try Pipe()
      let bytes = Array("two ends".utf8)
      let receiving = Fiber.spawn {
        var room = [UInt8](repeating: 0, count: 100)
        return try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
      }
      Fiber.yield()
      try bytes.withUnsafeBytes {
        try one.send($0, descriptors: [pipe.reading.descriptor, pipe.writing.descriptor])
      }
      let received = try receiving.value
      #expect(received.count == 8 && received.descriptors.count == 2 && !received.isTruncated)
      #expect(received.descriptors.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
      let streams = received.descriptors.map { DescriptorStream(adopting: $0) }
      try writeText(streams[1], "through a copy")
      #expect(try readText(pipe.reading) == "through a copy")
    }
  }

  @Test func descriptorsTravelWithTheFirstByteOfALongMessage() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      let pipe = try Pipe()
      let bytes = [UInt8](repeating: 5, count: 4 << 20)
      let sending = Fiber.spawn {
        try bytes.withUnsafeBytes { try one.send($0, descriptors: [pipe.reading.descriptor]) }
      }
      var room = [UInt8](repeating: 0, count: 1000)
      let first = try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
      #expect(first.descriptors.count == 1)
      first.descriptors.forEach { close($0) }
      var total = first.count
      while total < bytes.count {
        let more = try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
        #expect(more.descriptors.isEmpty)
        total += more.count
      }
      try sending.value
    }
  }

  @Test func asManyDescriptorsAsTheKernelTakes() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      let bytes = Array("x".utf8)
      let many = [CInt](repeating: one.descriptor, count: 253)
      try bytes.withUnsafeBytes { try one.send($0, descriptors: many) }
      #expect(throws: Errno.invalidArgument) {
        try bytes.withUnsafeBytes { try one.send($0, descriptors: many + [one.descriptor]) }
      }
      #expect(throws: Errno.invalidArgument) {
        try one.send(UnsafeRawBufferPointer(start: nil, count: 0), descriptors: [])
      }
      #expect(throws: Errno.badFileDescriptor) {
        try bytes.withUnsafeBytes { try one.send($0, descriptors: [-1]) }
      }
      var room = [UInt8](repeating: 0, count: 10)
      let received = try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
      #expect(received.count == 1 && received.descriptors.count == 253)
      received.descriptors.forEach { close($0) }
      one.close()
      let end = try room.withUnsafeMutableBytes { try other.receiveDescriptors(into: $0) }
      #expect(end.count == 0 && end.descriptors.isEmpty)
    }
  }
}

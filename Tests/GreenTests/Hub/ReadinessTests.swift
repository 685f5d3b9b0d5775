import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// A number that is not open, far above those that other tests get meanwhile.
private func numberThatNobodyOpens() throws -> CInt {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  let number = CInt(min(limit.rlim_cur, 10_000)) - 1
  try #require(fcntl(number, F_GETFD) == -1)
  return number
}

/// Waits for several descriptors at once; which are ready is returned.
private func waitForAny(_ entries: [(CInt, CInt)], until deadline: Deadline = .after(.seconds(20))) throws -> [CShort] {
  var list = entries.map { pollfd(fd: $0.0, events: CShort($0.1), revents: 0) }
  try list.withUnsafeMutableBufferPointer { try Readiness.wait(for: $0, until: deadline) }
  poll(&list, nfds_t(list.count), 0)
  return list.map(\.revents)
}

private let (readable, writable) = (CInt(POLLIN), CInt(POLLOUT))

@Suite(.bounded) struct ReadinessTests {
  @Test func ofSeveralTheOneThatIsReadyEndsTheWait() throws {
    for run in [onHub, { try onThread($1) }] as [(Int, @escaping () throws -> Void) throws -> Void] {
      try run(Hub.defaultStackSize) {
        let pipes = try (0..<4).map { _ in try Pipe() }
        try writeText(pipes[2].writing, "x")
        let ready = try waitForAny(pipes.map { ($0.reading.descriptor, readable) })
        #expect(ready == [0, 0, CShort(readable), 0])
        #expect(throws: Errno.timedOut) {
          try waitForAny([(pipes[0].reading.descriptor, readable)], until: .after(.milliseconds(10)))
        }
        #expect(throws: Errno.timedOut) { try waitForAny([], until: .after(.milliseconds(10))) }
      }
    }
  }

  @Test func readingAndWritingAreToldApart() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      #expect(try waitForAny([(one.descriptor, readable | writable)]) == [CShort(writable)])
      try sendText(other, "x")
      #expect(try waitForAny([(one.descriptor, readable | writable)]) == [CShort(readable | writable)])
      #expect(try waitForAny([(one.descriptor, readable)]) == [CShort(readable)])
      // Full, it is readable and not writable.
      let big = [UInt8](repeating: 0, count: 8 << 20)
      #expect(throws: Errno.timedOut) {
        try big.withUnsafeBytes { try one.send($0, until: .after(.milliseconds(10))) }
      }
      #expect(try waitForAny([(one.descriptor, readable | writable)]) == [CShort(readable)])
    }
  }

  @Test func theSameDescriptorMoreThanOnceAndNoneAtAll() throws {
    try onHub {
      let pipe = try Pipe()
      let waiting = Fiber.spawn {
        try waitForAny([
          (-1, readable), (pipe.reading.descriptor, readable), (-5, writable), (pipe.reading.descriptor, readable),
        ])
      }
      Fiber.yield()
      #expect(!waiting.isFinished)
      try writeText(pipe.writing, "x")
      #expect(try waiting.value == [0, CShort(readable), 0, CShort(readable)])
    }
  }

  @Test func severalFibersMayWaitForOneAndOneForSeveral() throws {
    try onHub {
      let pipes = try (0..<3).map { _ in try Pipe() }
      let fibers = (0..<10).map { _ in
        Fiber.spawn {
          let ready = try waitForAny(pipes.map { ($0.reading.descriptor, readable) })
          #expect(ready[1] != 0)
        }
      }
      Fiber.yield()
      try writeText(pipes[1].writing, "x")
      for fiber in fibers { try fiber.value }
    }
  }

  @Test func aHangUpEndsTheWaitWhateverIsAskedFor() throws {
    try onHub {
      let pipe = try Pipe()
      let waiting = Fiber.spawn { try waitForAny([(pipe.reading.descriptor, 0)]) }
      Fiber.yield()
      pipe.writing.close()
      #expect(try waiting.value == [CShort(POLLHUP)])
      let (one, other) = try Socket.pair()
      let receiving = Fiber.spawn { try waitForAny([(one.descriptor, readable)]) }
      Fiber.yield()
      one.shutdown(CInt(SHUT_RDWR))
      #expect(try receiving.value[0] & CShort(POLLHUP) != 0)
      withExtendedLifetime(other) {}
    }
  }

  @Test func whatIsNotOpenIsToldAndFilesAreAlwaysReady() throws {
    try onHub {
      let pipe = try Pipe()
      let closed = try numberThatNobodyOpens()
      #expect(throws: Errno.badFileDescriptor) { try Readiness.wait(for: closed, .read) }
      #expect(throws: Errno.badFileDescriptor) { try Readiness.wait(for: -1, .read) }
      #expect(throws: Errno.badFileDescriptor) {
        try waitForAny([(pipe.reading.descriptor, readable), (closed, readable)])
      }
      let file = open("/proc/self/exe", O_RDONLY)
      defer { close(file) }
      try Readiness.wait(for: file, .read, until: .after(.seconds(20)))
      try Readiness.wait(for: file, .write, until: .after(.seconds(20)))
    }
  }

  @Test func onAThreadToo() throws {
    try onThread {
      let closed = try numberThatNobodyOpens()
      for descriptor in [closed, -1] {
        #expect(throws: Errno.badFileDescriptor) {
          try Readiness.wait(for: descriptor, .read, until: .after(.seconds(20)))
        }
      }
    }
  }

  @Test func oneThatAnotherThreadClosesIsNotOpen() throws {
    try onHub {
      let pipe = try Pipe()
      let number = try numberThatNobodyOpens() - 20
      try #require(dup2(pipe.reading.descriptor, number) == number)
      let waiting = Fiber.spawn { try Readiness.wait(for: number, .read) }
      Fiber.yield()
      try offload {
        let wasWatched = DescriptorOwners.closing(number)
        close(number)
        DescriptorOwners.closed(number, wasWatched)
      }
      #expect(throws: Errno.badFileDescriptor) { try waiting.value }
    }
  }

  @Test func aDeadlineThatHasPassedStillLooks() throws {
    for run in [onHub, { try onThread($1) }] as [(Int, @escaping () throws -> Void) throws -> Void] {
      try run(Hub.defaultStackSize) {
        let pipe = try Pipe()
        #expect(throws: Errno.timedOut) { try Readiness.wait(for: pipe.reading.descriptor, .read, until: .now) }
        try writeText(pipe.writing, "x")
        try Readiness.wait(for: pipe.reading.descriptor, .read, until: .now)
      }
    }
  }

  @Test func everyDescriptorIsClosedOnExec() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let (one, _) = try Socket.pair()
      let listener = try Listener.bind(loopback)
      let datagrams = try DatagramSocket.bind(loopback)
      let pipe = try Pipe()
      let descriptors = [
        client.descriptor, server.descriptor, one.descriptor, listener.descriptor, datagrams.descriptor,
        pipe.reading.descriptor, pipe.writing.descriptor,
      ]
      #expect(descriptors.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
    }
  }
}

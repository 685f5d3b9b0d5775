import Glibc
import SuiteSupport
import TestSupport
import Testing

@testable import Green

/// Calls that find at once what they want, again and again: others must have their turn meanwhile.
@Suite(.bounded) struct TransferFairnessTests {
  private func othersRun(while body: @escaping () throws -> Void) throws {
    var (ticks, rounds) = (0, 0)
    // What the host of a virtual machine takes counts as the thread's own, so that once it may be few.
    repeat {
      ticks = 0
      var isDone = false
      let ticker = Fiber.spawn {
        while !isDone {
          try Fiber.sleep(for: .milliseconds(1))
          ticks += 1
        }
      }
      // The thread's own time: what other programs take of the machine is nobody's turn.
      let start = processorTime()
      while processorTime() - start < 0.3 { try body() }
      isDone = true
      rounds += 1
      let counted = ticks
      try ticker.value
      ticks = counted
    } while ticks < 15 && rounds < 4
    // Kept from the thread, it would have none; it has some hundred.
    #expect(ticks >= 15)
  }

  /// What this thread has computed, in seconds.
  private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

  @Test(arguments: [1, 50_000]) func onStreamSockets(count: Int) throws {
    try onHub {
      let (one, other) = try Socket.pair()
      var (message, room) = (bytes(count), bytes(count))
      try othersRun {
        try message.withUnsafeBytes { try one.send($0) }
        var received = 0
        while received < count { received += try room.withUnsafeMutableBytes { try other.receive(into: $0) } }
      }
      try othersRun {
        try message.withUnsafeMutableBytes { message in
          try one.send([UnsafeRawBufferPointer(message)])
          var received = 0
          while received < count { received += try other.receive(into: [message]) }
        }
      }
    }
  }

  @Test func ofAStreamThatIsReadOrWrittenOnly() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      var room = bytes(1)
      try room.withUnsafeBytes { try one.send($0) }
      try othersRun { _ = try room.withUnsafeMutableBytes { try other.peek(into: $0) } }
      let null = DescriptorStream(adopting: open("/dev/null", O_WRONLY))
      try othersRun { try room.withUnsafeBytes { try null.write($0) } }
    }
  }

  @Test func onDatagramSockets() throws {
    try onHub {
      let (one, other) = try DatagramSocket.pair()
      var room = bytes(100)
      try othersRun {
        try room.withUnsafeBytes { try one.send($0) }
        _ = try room.withUnsafeMutableBytes { try other.receive(into: $0) }
      }
    }
  }

  @Test func onPipesAndFiles() throws {
    try onHub {
      let pipe = try Pipe()
      var room = bytes(100)
      try othersRun {
        try room.withUnsafeBytes { try pipe.writing.write($0) }
        _ = try room.withUnsafeMutableBytes { try pipe.reading.read(into: $0) }
      }
      let zero = DescriptorStream(adopting: open("/dev/zero", O_RDONLY))
      var large = bytes(100_000)
      try othersRun { _ = try large.withUnsafeMutableBytes { try zero.read(into: $0) } }
    }
  }

  @Test func whereAFileIsSent() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      let file = open("/proc/self/exe", O_RDONLY)
      defer { close(file) }
      var room = bytes(50_000)
      try othersRun {
        var rest = try one.sendFile(file, offset: 0, count: room.count)
        while rest > 0 { rest -= try room.withUnsafeMutableBytes { try other.receive(into: $0) } }
      }
    }
  }
  @Test func whereAConnectionIsThereAtOnce() throws {
    try onHub {
      let address = SocketAddress(unixPath: "@greenfinch-test-\(getpid())-at-once")!
      let listener = try Listener.bind(address)
      try othersRun {
        try Socket.connect(to: address).close()
        // Not by Green's own call, which gives way too.
        close(Glibc.accept(listener.descriptor, nil, nil))
      }
      try othersRun {
        try Socket.connect(toAnyOf: [address]).close()
        close(Glibc.accept(listener.descriptor, nil, nil))
      }
    }
  }
}

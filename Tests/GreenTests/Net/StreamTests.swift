import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct StreamTests {
  @Test func whatIsWrittenToAPipeIsRead() throws {
    for run in [onHub, { try onThread($1) }] as [(Int, @escaping () throws -> Void) throws -> Void] {
      try run(Hub.defaultStackSize) {
        let pipe = try Pipe()
        try writeText(pipe.writing, "hello")
        #expect(try readText(pipe.reading) == "hello")
        #expect(throws: Errno.timedOut) { try readText(pipe.reading, until: .after(.milliseconds(10))) }
        pipe.writing.close()
        #expect(try readText(pipe.reading) == "")
      }
    }
  }

  @Test func aReaderParksAndAWriterDoesWhereThePipeIsFull() throws {
    try onHub {
      let pipe = try Pipe()
      let bytes = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 4) }
      let writing = Fiber.spawn {
        try bytes.withUnsafeBytes { try pipe.writing.write($0) }
        pipe.writing.close()
      }
      Fiber.yield()
      #expect(!writing.isFinished)
      var all: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 5000)
      while case let count = try part.withUnsafeMutableBytes({ try pipe.reading.read(into: $0) }), count > 0 {
        all += part[..<count]
      }
      #expect(all == bytes)
      try writing.value
    }
  }

  @Test func aWriteEndsAtItsDeadline() throws {
    for run in [onHub, { try onThread($1) }] as [(Int, @escaping () throws -> Void) throws -> Void] {
      try run(Hub.defaultStackSize) {
        let pipe = try Pipe()
        let big = String(repeating: "x", count: 1 << 20)
        #expect(throws: Errno.timedOut) { try writeText(pipe.writing, big, until: .after(.milliseconds(20))) }
      }
    }
  }

  @Test func writingWhereNobodyReadsIsAnErrorAndNoSignal() throws {
    try onHub {
      let pipe = try Pipe()
      pipe.reading.close()
      #expect(throws: Errno.brokenPipe) { try writeText(pipe.writing, "x") }
      let other = try Pipe()
      let writing = Fiber.spawn { try writeText(other.writing, String(repeating: "x", count: 1 << 20)) }
      Fiber.yield()
      other.reading.close()
      #expect(throws: Errno.brokenPipe) { try writing.value }
    }
  }

  @Test func thePipesFlagsStayAsTheyAre() throws {
    try onHub {
      let pipe = try Pipe()
      let reading = Fiber.spawn { try readText(pipe.reading) }
      Fiber.yield()
      for descriptor in [pipe.reading.descriptor, pipe.writing.descriptor] {
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      }
      try writeText(pipe.writing, "x")
      _ = try reading.value
    }
  }

  @Test func severalReadersInTheirOrder() throws {
    try onHub {
      let pipe = try Pipe()
      var order: [String] = []
      let readers = (0..<4).map { index in
        Fiber.spawn { order.append("\(index)\(try readText(pipe.reading, atMost: 1))") }
      }
      Fiber.yield()
      try writeText(pipe.writing, "abcd")
      for reader in readers { try reader.value }
      #expect(order == ["0a", "1b", "2c", "3d"])
    }
  }

  @Test func severalWritersDoNotMix() throws {
    try onHub {
      let pipe = try Pipe()
      let size = 300_000
      let writers = ["a", "b", "c"].map { letter in
        Fiber.spawn { try writeText(pipe.writing, String(repeating: letter, count: size)) }
      }
      Fiber.yield()
      var all = ""
      while all.utf8.count < 3 * size { all += try readText(pipe.reading, atMost: 10_000) }
      for writer in writers { try writer.value }
      #expect(all == ["a", "b", "c"].map { String(repeating: $0, count: size) }.joined())
    }
  }

  @Test func twoStreamsOnOneDescriptor() throws {
    try onHub {
      let pipe = try Pipe()
      let other = DescriptorStream(adopting: pipe.reading.descriptor, closes: false)
      let waiting = [pipe.reading, other].map { stream in Fiber.spawn { try readText(stream, atMost: 1) } }
      Fiber.yield()
      try writeText(pipe.writing, "xy")
      #expect(try waiting.map { try $0.value }.sorted() == ["x", "y"])
      other.close()
      try writeText(pipe.writing, "still open")
      #expect(try readText(pipe.reading) == "still open")
    }
  }

  // MARK: Terminals

  private func terminal() throws -> (master: DescriptorStream, slave: CInt) {
    var (master, slave) = (CInt(-1), CInt(-1))
    #expect(openpty(&master, &slave, nil, nil, nil) == 0)
    var settings = termios()
    tcgetattr(slave, &settings)
    cfmakeraw(&settings)
    tcsetattr(slave, TCSANOW, &settings)
    return (DescriptorStream(adopting: master), slave)
  }

  @Test func aTerminalIsReadAndWrittenAndKeepsItsFlags() throws {
    try onHub {
      let (master, slave) = try self.terminal()
      let stream = DescriptorStream(adopting: slave)
      let reading = Fiber.spawn { try readText(stream) }
      Fiber.yield()
      #expect(fcntl(slave, F_GETFL) & O_NONBLOCK == 0)
      try writeText(master, "typed")
      #expect(try reading.value == "typed")
      try writeText(stream, "shown")
      #expect(try readText(master) == "shown")
      #expect(throws: Errno.timedOut) { try readText(stream, until: .after(.milliseconds(10))) }
      #expect(throws: Errno.timedOut) { try readText(master, until: .after(.milliseconds(10))) }
      let waiting = Fiber.spawn { try readText(stream) }
      Fiber.yield()
      stream.close()
      #expect(throws: Errno.badFileDescriptor) { try waiting.value }
    }
  }

  @Test func aTerminalThatTakesNoMoreParksTheWriter() throws {
    try onHub {
      let (master, slave) = try self.terminal()
      let stream = DescriptorStream(adopting: slave)
      let big = String(repeating: "x", count: 1 << 20)
      #expect(throws: Errno.timedOut) { try writeText(stream, big, until: .after(.milliseconds(30))) }
      #expect(try readText(master).hasPrefix("xxx"))
      #expect(throws: Errno.timedOut) { try writeText(master, big, until: .after(.milliseconds(30))) }
    }
  }

  @Test func aLentTerminalStaysOpen() throws {
    try onHub {
      let (master, slave) = try self.terminal()
      let lent = DescriptorStream(adopting: slave, closes: false)
      try writeText(lent, "x")
      lent.close()
      #expect(fcntl(slave, F_GETFD) >= 0)
      #expect(throws: Errno.badFileDescriptor) { try writeText(lent, "y") }
      #expect(try readText(master) == "x")
      close(slave)
    }
  }

  // MARK: Other files

  @Test func filesAreReadAndWrittenDirectly() throws {
    try onHub {
      var name = Array("/tmp/greenfinch-test-XXXXXX".utf8CString)
      let stream = DescriptorStream(adopting: mkstemp(&name))
      unlink(name)
      try writeText(stream, "line one, line two")
      lseek(stream.descriptor, 5, SEEK_SET)
      #expect(try readText(stream, atMost: 3) == "one")
      #expect(try readText(stream) == ", line two")
      #expect(try readText(stream) == "")
      #expect(try readText(DescriptorStream(adopting: open("/proc/self/comm", O_RDONLY))) != "")
      let folder = DescriptorStream(adopting: open("/", O_RDONLY))
      #expect(throws: Errno.isDirectory) { try readText(folder) }
    }
  }

  @Test func devicesSocketsAndEventDescriptors() throws {
    try onHub {
      let null = DescriptorStream(adopting: open("/dev/null", O_RDWR))
      try writeText(null, "gone")
      #expect(try readText(null) == "")
      #expect(try readText(DescriptorStream(adopting: open("/dev/zero", O_RDONLY)), atMost: 3) == "\0\0\0")

      let (one, other) = try Socket.pair()
      let stream = DescriptorStream(adopting: dup(one.descriptor))
      try writeText(stream, "through a socket")
      #expect(try receiveText(other) == "through a socket")
      other.close()
      #expect(throws: Errno.brokenPipe) { try writeText(stream, "x") }

      let folder = "/tmp/greenfinch-test-\(getpid())-events"
      mkdir(folder, 0o700)
      defer { rmdir(folder) }
      let events = DescriptorStream(adopting: inotify_init())
      inotify_add_watch(events.descriptor, folder, UInt32(IN_DELETE_SELF | IN_CREATE))
      let waiting = Fiber.spawn { try text(atMost: 1000) { try events.read(into: $0) } }
      Fiber.yield()
      #expect(!waiting.isFinished)
      let file = folder + "/a-new-file"
      close(open(file, O_CREAT | O_WRONLY, 0o600))
      defer { unlink(file) }
      #expect(try waiting.value.contains("a-new-file"))
    }
  }

  @Test func whatIsNotOpenIsAnError() throws {
    try onHub {
      let stream = DescriptorStream(adopting: -1)
      #expect(throws: Errno.badFileDescriptor) { try readText(stream) }
      let pipe = try Pipe()
      #expect(throws: Errno.badFileDescriptor) { try writeText(pipe.reading, "wrong end") }
    }
  }

  /// Several objects may use one descriptor, as those of the standard streams do.
  @Test func oneObjectThatIsClosedEndsTheWaitsOfNoOther() throws {
    try onHub {
      let pipe = try Pipe()
      let descriptor = pipe.writing.descriptor
      let bytes = [UInt8](repeating: 1, count: 1 << 20)
      let writing = Fiber.spawn {
        let stream = DescriptorStream(adopting: descriptor, closes: false)
        try bytes.withUnsafeBytes { try stream.write($0) }
      }
      let closed = DescriptorStream(adopting: descriptor, closes: false)
      let waiting = Fiber.spawn { try bytes.withUnsafeBytes { try closed.write($0) } }
      Fiber.yield()
      #expect(!writing.isFinished && !waiting.isFinished)
      closed.close()
      do { _ = DescriptorStream(adopting: descriptor, closes: false) }
      #expect(throws: Errno.badFileDescriptor) { try waiting.value }
      var count = 0
      var part = [UInt8](repeating: 0, count: 65536)
      while count < bytes.count { count += try part.withUnsafeMutableBytes { try pipe.reading.read(into: $0) } }
      try writing.value
    }
  }
}

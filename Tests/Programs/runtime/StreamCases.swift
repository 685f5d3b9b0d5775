import CaseSupport
import Glibc
import Green
import SystemPackage

private func read(_ stream: DescriptorStream) throws -> String {
  var bytes = [UInt8](repeating: 0, count: 100)
  let count = try bytes.withUnsafeMutableBytes { try stream.read(into: $0, until: .after(.seconds(20))) }
  return String(decoding: bytes[..<count], as: UTF8.self)
}

private func write(_ stream: DescriptorStream, _ text: String) throws {
  try Array(text.utf8).withUnsafeBytes { try stream.write($0) }
}

/// Puts `other` in the place of a descriptor while `body` runs.
private func replacing(_ descriptor: CInt, by other: CInt, _ body: () throws -> Void) rethrows {
  let kept = dup(descriptor)
  dup2(other, descriptor)
  defer {
    dup2(kept, descriptor)
    close(kept)
  }
  try body()
}

/// Streams and sockets where the whole process matters.
let streamCases = [
  Case("the standard streams") {
    let pipe = try Pipe()
    try replacing(0, by: pipe.reading.descriptor) {
      let reading = Fiber.spawn { try read(StandardStreams.input()) }
      Fiber.yield()
      try write(pipe.writing, "typed")
      try expectEqual(try reading.value, "typed", "what was read")
    }
    for (number, stream) in [(CInt(1), StandardStreams.output), (2, StandardStreams.error)] {
      try replacing(number, by: pipe.writing.descriptor) {
        try write(stream(), "shown")
        stream().close()
        try write(stream(), " twice")
      }
      try expectEqual(try read(pipe.reading), "shown twice", "what was written to \(number)")
    }
    try expect(fcntl(0, F_GETFL) & O_NONBLOCK == 0, "the standard input was made non-blocking")
  },
  Case("a SIGPIPE that the program waits for is left alone, and none is added") {
    var (set, before, pending) = (sigset_t(), sigset_t(), sigset_t())
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &set, &before)
    let pipe = try Pipe()
    pipe.reading.close()
    for isPending in [false, true] {
      if isPending { pthread_kill(pthread_self(), SIGPIPE) }
      do {
        try write(pipe.writing, "x")
        throw Failure(description: "nobody reads, and that was no error")
      } catch Errno.brokenPipe {}
      sigpending(&pending)
      try expectEqual(sigismember(&pending, SIGPIPE) == 1, isPending, "whether a SIGPIPE is pending")
    }
    var number: CInt = 0
    sigwait(&set, &number)
    pthread_sigmask(SIG_SETMASK, &before, nil)
  },
  Case("a forked child may receive where fibers of its parent waited") {
    let (one, other) = try Socket.pair()
    var ends: [Fiber<Void>] = []
    for _ in 0..<3 {
      ends.append(
        Fiber.spawn {
          var byte: [UInt8] = [0]
          _ = try byte.withUnsafeMutableBytes { try one.receive(into: $0) }
        })
    }
    Fiber.yield()
    let child = fork()
    if child == 0 {
      var bytes: [UInt8] = [0]
      let readers = (0..<2).map { _ in
        Fiber.spawn { try bytes.withUnsafeMutableBytes { try one.receive(into: $0, until: .after(.seconds(20))) } }
      }
      Fiber.yield()
      try [UInt8]("ab".utf8).withUnsafeBytes { try other.send($0) }
      _exit(try readers.map { try $0.value } == [1, 1] ? 7 : 8)
    }
    var status: CInt = 0
    waitpid(child, &status, 0)
    try expectEqual(status, 7 << 8, "the child's status")
    try [UInt8]("abc".utf8).withUnsafeBytes { try other.send($0) }
    for end in ends { try end.value }
  },
  Case("a fiber that nobody lets finish does not keep a server from its stop") {
    let server = StreamServer(try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)) { _ in
      try Fiber.sleep(for: .seconds(40))
    }
    try server.start()
    let client = try Socket.connect(to: server.listener.address!)
    while server.openConnections == 0 { try Fiber.sleep(for: .milliseconds(1)) }
    let elapsed = try seconds { try expectEqual(try server.stop(grace: .zero), 1, "connections cut off") }
    try expect(elapsed < 10, "stopping took \(elapsed) s")
    client.close()
  },
]

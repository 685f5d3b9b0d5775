import Glibc
import Green
import GreenServer
import SuiteSupport
import TestSupport
import Testing

/// What programs ask a server at its control socket.
@Suite(.bounded) struct ServerControlTests {
  private let path = "/tmp/greenfinch-ctl-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

  /// Calls `body` while somebody listens who answers each line with it, and those of `trace` once that is wanted.
  private func withServer(_ body: (_ asked: Event, _ wanted: Event) throws -> Void) throws {
    let (asked, wanted) = (Event(), Event())
    let listener = try Listener.bind(try #require(SocketAddress(unixPath: path)))
    defer { unlink(path) }
    var sockets: [Socket] = []
    let accepting = Fiber.spawn {
      while true {
        let socket = try listener.accept()
        sockets.append(socket)
        Fiber.spawn {
          while let line = try Self.line(from: socket) {
            if line.hasPrefix("trace") {
              asked.set()
              try wanted.wait()
            }
            try Array("ok \(line.utf8.count)\n\(line)".utf8).withUnsafeBytes { try socket.send($0) }
          }
        }
      }
    }
    defer {
      wanted.set()
      accepting.cancel()
      listener.close()
      for socket in sockets { socket.close() }
    }
    try body(asked, wanted)
  }

  private static func line(from socket: Socket) throws -> String? {
    var bytes: [UInt8] = []
    while bytes.last != 0x0a {
      var byte: UInt8 = 0
      guard try withUnsafeMutableBytes(of: &byte, { try socket.receive(into: $0) }) == 1 else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  @Test func `an answer that comes too late is not that of the next call`() throws {
    try onHub {
      try withServer { _, wanted in
        let server = try ServerControl(path)
        #expect(try server.ask("status") == "status")
        #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(30)) { try server.ask("trace 5") } }
        wanted.set()
        #expect(try server.ask("workers") == "workers")
      }
    }
  }

  @Test func `an answer that a cancelled fiber has not waited for is not that of the next call`() throws {
    try onHub {
      try withServer { asked, wanted in
        let server = try ServerControl(path)
        let asking = Fiber.spawn { try server.ask("trace 5") }
        try asked.wait()
        // It is not this one's turn.
        #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(30)) { try server.ask("status") } }
        asking.cancel()
        #expect(throws: CancellationError.self) { try asking.value }
        wanted.set()
        #expect(try server.ask("workers") == "workers")
      }
    }
  }

  @Test func `a server that has ended the connection is connected to anew`() throws {
    try onHub {
      var server: ServerControl?
      try withServer { _, _ in server = try ServerControl(path) }
      let control = try #require(server)
      #expect(throws: ServerControlError.self) { try control.ask("status") }
      try withServer { _, _ throws in
        let answer = try control.ask("status")
        #expect(answer == "status")
      }
    }
  }
}

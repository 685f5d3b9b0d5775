import Glibc
import Logging
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct ListeningTests {
  private let path = "/tmp/greenfinch-\(getpid())-\(Int.random(in: 0..<1_000_000)).sock"

  @Test func `port 0 takes a free port, and the log tells which`() throws {
    let socket = try BoundListener(binding: .tcp(host: "127.0.0.1", port: 0), ListenerOptions(backlog: 8))
    defer { socket.close() }
    #expect(socket.url.wholeMatch(of: /http:\/\/127\.0\.0\.1:[1-9]\d*/) != nil)
    #expect(fcntl(socket.listener.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    #expect(fcntl(socket.listener.descriptor, F_GETFL) & O_NONBLOCK != 0)
  }

  @Test func `an address in use is tried again five times`() throws {
    let first = try BoundListener(binding: .tcp(host: "127.0.0.1", port: 0), ListenerOptions(backlog: 8))
    defer { first.close() }
    let port = try #require(UInt16(first.url.split(separator: ":").last ?? ""))
    var pauses = 0
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let sockets = Listening(logger: logger, pause: { pauses += 1 }).open([.tcp(host: "127.0.0.1", port: port)])
    #expect(sockets == nil)
    #expect(pauses == 5)
  }

  @Test func `every IPv4 and every IPv6 address are two addresses where both are asked for`() throws {
    let port = try freePort()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let listeners = try #require(
      Listening(logger: logger).open([.tcp(host: "0.0.0.0", port: port), .tcp(host: "::", port: port)]))
    defer { for listener in listeners { listener.close() } }
    #expect(listeners.map(\.url) == ["http://0.0.0.0:\(port)", "http://[::]:\(port)"])
  }

  @Test func `another server may listen at the same port where that is allowed`() throws {
    let options = ListenerOptions(sharesPort: true)
    let first = try BoundListener(binding: .tcp(host: "127.0.0.1", port: 0), options)
    defer { first.close() }
    let port = try #require(UInt16(first.url.split(separator: ":").last ?? ""))
    let second = try BoundListener(binding: .tcp(host: "127.0.0.1", port: port), options)
    #expect(second.url == first.url)
    second.close()
  }

  @Test func `a socket file that nobody listens at is replaced, and one in use is not`() throws {
    let first = try BoundListener(binding: .unix(path: path), ListenerOptions(backlog: 8))
    #expect(first.url == "unix:\(path)")
    #expect(throws: BindError.failed(.addressInUse)) {
      try BoundListener(binding: .unix(path: path), ListenerOptions(backlog: 8))
    }
    first.close()
    // The file system's clock ticks every few milliseconds.
    usleep(20_000)
    let second = try BoundListener(binding: .unix(path: path), ListenerOptions(backlog: 8))
    // The first's file is gone: what is there now is not its to remove.
    first.removeFile()
    #expect(access(path, F_OK) == 0)
    second.removeFile()
    #expect(access(path, F_OK) != 0)
    second.close()
  }

  @Test func `an abstract address has no file`() throws {
    let name = "@greenfinch-\(getpid())-\(Int.random(in: 0..<1_000_000))"
    let socket = try BoundListener(binding: .unix(path: name), ListenerOptions(backlog: 8, umask: 0))
    defer { socket.close() }
    #expect(socket.url == "unix:\(name)")
    #expect(access(name, F_OK) != 0)
    #expect(throws: BindError.failed(.addressInUse)) {
      try BoundListener(binding: .unix(path: name), ListenerOptions(backlog: 8))
    }
  }

  @Test func `a file that is no socket is not touched`() throws {
    let file = open(path, O_CREAT | O_WRONLY, 0o600)
    close(file)
    defer { unlink(path) }
    #expect(throws: BindError.failed(.addressInUse)) {
      try BoundListener(binding: .unix(path: path), ListenerOptions(backlog: 8))
    }
    #expect(access(path, F_OK) == 0)
  }
}

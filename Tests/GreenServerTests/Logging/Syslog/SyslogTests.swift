import Glibc
import Green
import Logging
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct SyslogTests {
  private func message(_ format: SyslogFormat, host: String = "web1") -> SyslogMessage {
    SyslogMessage(format: format, facility: 16, tag: "greenfinch.app.error", host: host, pid: 42)
  }

  @Test func `a message is as RFC 3164 has it, with gunicorn's text`() {
    let text = message(.rfc3164).text("Booting", .info, at: Timestamp(seconds: 0))
    #expect(
      text.wholeMatch(of: /<134>(Dec 31|Jan  1) \d\d:\d\d:\d\d web1 greenfinch\.app\.error: \[42\] Booting/) != nil,
      "\(text)")
    let local = message(.rfc3164, host: "").text("Booting", .critical, at: Timestamp(seconds: 0))
    #expect(local.hasPrefix("<130>") && local.hasSuffix(":00 greenfinch.app.error: [42] Booting"), "\(local)")
  }

  @Test func `a message is as RFC 5424 has it`() {
    let time = Timestamp(seconds: 0, nanoseconds: 123_456_789)
    let text = message(.rfc5424).text("a b", .error, at: time)
    #expect(
      text.wholeMatch(
        of: /<131>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123456[+-]\d\d:\d\d web1 greenfinch\.app\.error 42 - - a b/) != nil,
      "\(text)")
  }

  @Test func `on a stream a message ends with its line, or says its length`() {
    let time = Timestamp(seconds: 0)
    let lines = String(decoding: message(.rfc3164).bytes("a\nb", .info, at: time, onStream: true), as: UTF8.self)
    #expect(lines.hasSuffix("[42] a b\n"))
    let counted = String(decoding: message(.rfc5424).bytes("a", .info, at: time, onStream: true), as: UTF8.self)
    let parts = counted.split(separator: " ", maxSplits: 1)
    #expect(Int(parts[0]) == parts[1].utf8.count)
  }

  @Test func `levels have their severity`() {
    let levels: [Logger.Level] = [.trace, .debug, .info, .notice, .warning, .error, .critical]
    #expect(levels.map { SyslogSeverity($0).rawValue } == [7, 7, 6, 5, 4, 3, 2])
  }

  @Test func `addresses are gunicorn's`() {
    #expect(PeerAddress("udp://localhost:514", port: 1)?.place == .host("localhost", port: 514))
    #expect(PeerAddress("udp://localhost", port: 514)?.place == .host("localhost", port: 514))
    #expect(PeerAddress("tcp://[::1]:5140", port: 514)?.place == .host("::1", port: 5140))
    #expect(PeerAddress("tcp://10.0.0.1:1", port: 514)?.kind == .stream)
    #expect(PeerAddress("localhost:8125", port: 1)?.kind == .datagram)
    #expect(PeerAddress("unix:///dev/log", port: 1)?.place == .path("/dev/log"))
    #expect(PeerAddress("unix:///dev/log", port: 1)?.kind == nil)
    #expect(PeerAddress("unix:///dev/log#dgram", port: 1)?.kind == .datagram)
    #expect(PeerAddress("unix:///dev/log#stream", port: 1)?.kind == .stream)
  }

  @Test(arguments: ["", "udp://", "http://x", "unix://", "unix:///a#other", "host:0", "host:70000", "::1:514", "a/b"])
  func `what is not an address is refused`(_ text: String) { #expect(PeerAddress(text, port: 514) == nil) }

  /// A stream that has taken all that it takes, and its other end; how many messages it has not refused.
  private func fullStream(_ path: String) throws -> (stream: LossySocket, reader: Socket, taken: Int) {
    let listener = try Listener.bind(try #require(SocketAddress(unixPath: path)))
    defer { listener.close() }
    let stream = try LossySocket(try #require(PeerAddress("unix://\(path)#stream", port: 1)))
    let message = [UInt8](repeating: 0x78, count: 1000)
    let taken = (0..<2000).count { _ in stream.send { _ in message } }
    #expect(taken > 0 && stream.takeLost() == 2000 - taken)
    return (stream, try #require(try listener.acceptWaiting()), taken)
  }

  /// Takes what has come. Returns how much that was.
  private func drain(_ reader: Socket) -> Int {
    var room = [UInt8](repeating: 0, count: 65_536)
    var sum = 0
    while case let count = recv(reader.descriptor, &room, room.count, CInt(MSG_DONTWAIT)), count > 0 { sum += count }
    return sum
  }

  @Test func `what a slow stream has not taken is sent as time goes by, without another message`() throws {
    let path = "/tmp/greenfinch-syslog-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlink(path) }
    let (stream, reader, taken) = try fullStream(path)
    defer { reader.close() }
    #expect(LossySocket.hasRest)
    var received = drain(reader)
    while received < taken * 1000 {
      stream.flush()
      let more = drain(reader)
      // The last of it was not sent, and never will be.
      if more == 0 { break }
      received += more
    }
    #expect(received == taken * 1000 && stream.takeLost() == 0)
  }

  @Test func `what a stream has not taken in the end is waited for, and lost where it is not taken then`() throws {
    let path = "/tmp/greenfinch-syslog-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlink(path) }
    let (stream, reader, taken) = try fullStream(path)
    stream.finish(by: monotonicNanoseconds() + 50_000_000)
    let lost = stream.takeLost()
    #expect(lost > 0 && lost <= taken)
    // It was ended, so that nothing follows a part of a message.
    #expect(drain(reader) < taken * 1000)
    var byte: UInt8 = 0
    #expect(recv(reader.descriptor, &byte, 1, CInt(MSG_DONTWAIT)) == 0)
    reader.close()
  }

  @Test func `a socket that nobody reads loses messages, and holds nobody`() throws {
    let path = "/tmp/greenfinch-syslog-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    defer { unlink(path) }
    let peer = try #require(PeerAddress("unix://" + path, port: 1))
    let socket = try LossySocket(peer)
    #expect(!socket.send { _ in [1] } && socket.takeLost() == 1 && socket.takeLost() == 0)

    let listener = try Listener.bind(try #require(SocketAddress(unixPath: path)))
    defer { listener.close() }
    // A second later it is tried again.
    usleep(1_100_000)
    let message = [UInt8](repeating: 0x78, count: 1000)
    let taken = (0..<2000).count { _ in socket.send { _ in message } }
    #expect(taken > 0 && taken < 2000 && socket.takeLost() == 2000 - taken, "\(taken)")
    var isStream = false
    socket.send {
      isStream = $0
      return []
    }
    #expect(isStream)
  }
}

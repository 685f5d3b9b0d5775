import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

/// Clients that begin a handshake of TLS and do not go on. That a sync worker gives way to others, FullWorkerTests has.
@Suite(.serialized, .bounded) struct HandshakeDeadlineTests {
  /// How many seconds a handshake may take from its first byte on, as the article on serving the internet says.
  private static let limit = 10.0

  /// After what a client says nothing more.
  enum Halt: CaseIterable, Sendable {
    case firstByte, half
    /// All that it says first: the server's answer waits for the client's.
    case hello
    /// It goes on, by a byte now and then: no byte may give it more time.
    case never
  }

  // With threads to spare: no client is ended since others wait for its thread.
  @Test(arguments: [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "8"]])
  func whoDoesNotGoOnIsEndedAtTheLimit(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    let (hello, port) = (try Self.hello(), server.port)
    // A worker that serves one at a time would end each earlier, for the others.
    let groups = arguments.contains("sync") ? Halt.allCases.map { [$0] } : [Halt.allCases]
    for halts in groups {
      var times: [Double] = []
      // A machine that stands still for a while makes it longer, but never shorter.
      let isInTime = try passesOnce {
        times = try atOnce(halts.count) { try Self.secondsToTheEnd(of: halts[$0], hello, port) }.map { try $0.get() }
        return times.allSatisfy { $0 < 2 * Self.limit }
      }
      print("\(arguments.joined(separator: " ")), \(halts): ended after \(times) s")
      #expect(isInTime, "\(halts): \(times)")
      #expect(times.allSatisfy { $0 > Self.limit - 0.5 }, "\(halts): \(times)")
    }
    #expect(try curl(server, "/plain", certificates).output == "Hello World!")
    #expect(server.stop() == 0)
  }

  @Test(arguments: [["-k", "green"], ["-k", "thread", "--threads", "4"]], [Halt.half, .hello])
  func othersAreServedMeanwhile(_ arguments: [String], _ halt: Halt) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    let hello = try Self.hello()
    let bytes = halt == .half ? Array(hello.prefix(hello.count / 2)) : hello
    // Some of them wait for a thread themselves, before those that are served.
    let count = arguments.contains("green") ? 100 : 8
    let time = try quickest(below: 5) {
      let holders = try (0..<count).map { _ in
        let client = try Client(port: server.port)
        try client.send(bytes)
        return client
      }
      var isServed = false
      let time = try seconds { isServed = try curl(server, "/plain", certificates).output == "Hello World!" }
      withExtendedLifetime(holders) {}
      // While others wait a handshake has a moment only, and so has this one, whose client may have been stopped.
      return isServed ? time : .infinity
    }
    print("\(arguments.joined(separator: " ")), beside \(count) that halt after \(halt): \(time) s")
    #expect(time < 5, "\(server.log)")
    #expect(server.stop() == 0)
  }

  /// How long a server waits for a client that halts there.
  private static func secondsToTheEnd(of halt: Halt, _ hello: [UInt8], _ port: UInt16) throws -> Double {
    let client = try Client(port: port)
    let start = Deadline.now
    switch halt {
    case .firstByte: try client.send([hello[0]])
    case .half: try client.send(Array(hello.prefix(hello.count / 2)))
    case .hello: try client.send(hello)
    case .never:
      // All of it would take twice as long as the limit.
      let pause = Int32(2 * limit * 1000) / Int32(hello.count) + 1
      for byte in hello {
        if try client.receivesSomething(within: pause) { break }
        try? client.send([byte])
      }
    }
    // What the server has to say comes before the end; whether that is one in order depends on what it has not read.
    _ = try? client.discard()
    return start.secondsAgo
  }

  /// What OpenSSL says first as a client.
  private static func hello() throws -> [UInt8] {
    let script = """
      import ssl
      outgoing = ssl.MemoryBIO()
      client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
      try:
          client.do_handshake()
      except ssl.SSLWantReadError:
          print(*outgoing.read())
      """
    let outcome = try Program(system: "python3").run(["-c", script])
    let bytes = outcome.output.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0) }
    try #require(bytes.count > 100, "\(outcome.errors)")
    return bytes
  }
}

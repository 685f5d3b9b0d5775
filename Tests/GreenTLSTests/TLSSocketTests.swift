import Green
import GreenHTTP
import GreenTLS
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Both ends of a connection in one process.
@Suite(.bounded) struct TLSSocketTests {
  private let certificates: Certificates

  init() throws { certificates = try Certificates() }

  private func client(_ change: (inout TLSClientConfiguration) -> Void = { _ in }) throws -> TLSContext {
    var configuration = TLSClientConfiguration()
    configuration.authoritiesFile = certificates.path("ca.pem")
    change(&configuration)
    return try TLSContext(client: configuration)
  }

  private func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TLSContext {
    var configuration = TLSServerConfiguration(certificates: [.init(file: certificates.path("both.pem"))])
    change(&configuration)
    return try TLSContext(server: configuration)
  }

  /// Runs a server and a client in fibers of one hub.
  private func converse(
    _ server: TLSContext, _ client: TLSContext, name: String = "localhost",
    serving: @escaping (TLSSocket) throws -> Void, asking: @escaping (TLSSocket) throws -> Void
  ) throws {
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let answering = Fiber.spawn {
        let socket = try listener.accept()
        defer { socket.close() }
        let stream = try server.accept(socket, until: .after(.seconds(60))) as! TLSSocket
        try serving(stream)
      }
      let socket = try Socket.connect(to: listener.address!)
      defer { socket.close() }
      try asking(try TLSSocket.secure(socket, as: name, context: client, until: .after(.seconds(60))))
      try answering.value
    }
  }

  private func send(_ text: String, to stream: TLSSocket) throws {
    try Array(text.utf8).withUnsafeBytes { try stream.send($0, until: .after(.seconds(60))) }
  }

  private func receive(from stream: TLSSocket, most: Int = 65_536) throws -> String {
    let bytes = try [UInt8](unsafeUninitializedCapacity: most) {
      $1 = try stream.receive(into: UnsafeMutableRawBufferPointer($0), until: .after(.seconds(60)))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [TLSVersion.tls1_2, .tls1_3])
  func bytesGoBothWaysAndTheEndIsTold(_ version: TLSVersion) throws {
    try converse(
      server(),
      client {
        $0.versions = version...version; $0.applicationProtocols = ["http/1.1"]
      }
    ) { stream in
      #expect(try receive(from: stream) == "question")
      try send("answer", to: stream)
      #expect(try receive(from: stream) == "", "the end")
      stream.close()
    } asking: { stream in
      #expect(stream.tls?.version == (version == .tls1_2 ? "TLSv1.2" : "TLSv1.3"))
      #expect(stream.tls?.applicationProtocol == "http/1.1" && stream.isEncrypted)
      #expect(stream.tls?.peerCertificate?.subject == "CN=first")
      try send("question", to: stream)
      #expect(try receive(from: stream) == "answer")
      stream.finishSending()
      #expect(try receive(from: stream) == "")
    }
  }

  @Test func aSocketThatWasSpokenOverBeforeIsSecured() throws {
    let (server, client) = (try server(), try client())
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let answering = Fiber.spawn {
        let socket = try listener.accept()
        defer { socket.close() }
        try Array("hello".utf8).withUnsafeBytes { try socket.send($0) }
        let stream = try server.accept(socket, until: .after(.seconds(60))) as! TLSSocket
        try send("secured", to: stream)
      }
      let socket = try Socket.connect(to: listener.address!)
      defer { socket.close() }
      _ = try withUnsafeTemporaryAllocation(byteCount: 100, alignment: 1) { try socket.receive(into: $0) }
      let stream = try TLSSocket.secure(socket, as: "localhost", context: client, until: .after(.seconds(60)))
      #expect(try receive(from: stream) == "secured")
      try answering.value
    }
  }

  @Test func megabytesGoBothWaysAtOnce() throws {
    let count = 5_000_000
    func pump(_ stream: TLSSocket) throws {
      let sending = Fiber.spawn {
        try [UInt8](repeating: 7, count: count).withUnsafeBytes { try stream.send($0, until: .after(.seconds(60))) }
      }
      var received = 0
      while received < count { received += try receive(from: stream).utf8.count }
      #expect(received == count)
      try sending.value
    }
    try converse(server(), client(), serving: pump, asking: pump)
  }

  @Test func anEndWithoutAWordIsAnError() throws {
    try converse(server(), client()) { stream in
      try send("half", to: stream)
      stream.socket.shutdown(1)
      _ = try? receive(from: stream)
    } asking: { stream in
      let half = try receive(from: stream)
      #expect(half == "half")
      #expect(throws: TLSError.truncated) { try receive(from: stream) }
    }
  }

  @Test func whatIsChangedOnTheWayIsAnError() throws {
    try converse(server(), client()) { stream in
      let record: [UInt8] = [23, 3, 3, 0, 32] + [UInt8](repeating: 1, count: 32)
      try record.withUnsafeBytes { try stream.socket.send($0) }
      _ = try? receive(from: stream)
    } asking: { stream in
      #expect {
        try receive(from: stream)
      } throws: { error in
        if case TLSError.violated = error { true } else { false }
      }
    }
  }

  @Test func whoIsNotWhomTheClientAskedForIsRefused() throws {
    for (context, name) in try [
      (client(), "other.example"), (client(), "127.0.0.2"), (TLSContext(client: TLSClientConfiguration()), "localhost"),
    ] {
      #expect(throws: HandshakeFailure.self) {
        try converse(server(), context, name: name) { _ in
        } asking: { _ in
        }
      }
    }
    try converse(server(), client(), name: "127.0.0.1") { _ in
    } asking: { _ in
    }
    try converse(server(), client { $0.verifiesServer = false }, name: "other.example") { _ in
    } asking: { _ in
    }
  }

  @Test func aReceiveThatIsCancelledLeavesTheConnectionAsItWas() throws {
    let goOn = Event()
    try converse(server(), client()) { stream in
      try goOn.wait(until: .after(.seconds(60)))
      try send("late", to: stream)
      _ = try receive(from: stream)
    } asking: { stream in
      let waiting = Fiber.spawn { try receive(from: stream) }
      Fiber.yield()
      waiting.cancel()
      #expect(throws: CancellationError.self) { try waiting.value }
      #expect(throws: Errno.timedOut) {
        _ = try withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) {
          try stream.receive(into: $0, until: .after(.milliseconds(10)))
        }
      }
      goOn.set()
      #expect(try receive(from: stream) == "late")
      try send("bye", to: stream)
    }
  }

  @Test func aSendThatIsCancelledInTheMiddleIsTheLast() throws {
    let (begun, givenUp) = (Event(), Event())
    try converse(server(), client()) { stream in
      // It does not read on before the other has given up.
      #expect(try receive(from: stream).isEmpty == false)
      begun.set()
      try givenUp.wait(until: .after(.seconds(60)))
      while let piece = try? receive(from: stream), !piece.isEmpty {}
    } asking: { stream in
      let sending = Fiber.spawn {
        try [UInt8](repeating: 7, count: 50_000_000).withUnsafeBytes { try stream.send($0) }
      }
      try begun.wait(until: .after(.seconds(60)))
      sending.cancel()
      #expect(throws: CancellationError.self) { try sending.value }
      #expect(throws: TLSError.sendingFailed) { try send("more", to: stream) }
      givenUp.set()
      stream.close()
    }
  }

  /// What the kernel has no room for, when that cannot be waited for, has as long as what is sent otherwise.
  @Test func whatIsLeftOfASendHasThePaceOfTheOneBefore() throws {
    let (server, client) = (try server(), try client())
    try onVirtualHub {
      let (near, far) = try Socket.pair()
      defer {
        near.close()
        far.close()
      }
      let answering = Fiber.spawn { try server.accept(near, until: .after(.seconds(60))) as! TLSSocket }
      let asking = try TLSSocket.secure(far, as: "localhost", context: client, until: .after(.seconds(60)))
      let stream = try answering.value
      let pace = Pace(patience: .seconds(600), rate: 0)
      try Array("x".utf8).withUnsafeBytes { try stream.send($0, pace: pace) }
      let piece = [UInt8](repeating: 120, count: 10_000)
      var count = 1
      while case let sent = try piece.withUnsafeBytes({ try stream.sendWithoutWaiting($0) }), sent > 0 {
        count += sent
      }
      try Fiber.sleep(for: .seconds(300))
      var received = 0
      while received < count, case let text = try receive(from: asking), !text.isEmpty { received += text.utf8.count }
      #expect(received == count)
      try Array("end".utf8).withUnsafeBytes { try stream.send($0, pace: pace) }
      #expect(try receive(from: asking) == "end")
    }
  }

  @Test func anHTTPServerInOneProcessIsServedByIt() throws {
    let (server, client) = (try server(), try client())
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let application = Told { "\($0.scheme) \($0.tls?.serverName ?? "-") \($0.isEncrypted)" }
      let http = HTTPServer(listener, application: application, security: server)
      try http.start()
      let port = listener.address!.port!
      let silent = try Socket.connect(to: listener.address!)
      let stream = try TLSSocket.connect(host: "localhost", port: port, context: client)
      try send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", to: stream)
      let answer = try receive(from: stream)
      #expect(answer.hasSuffix("https localhost true"), "\(answer)")
      #expect(try receive(from: stream) == "")
      silent.close()
      try http.stop()
    }
  }

  @Test func whoGoesWithoutAWordInTheMiddleOfABodyIsNoFailure() throws {
    let (server, client) = (try server(), try client())
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let reads = Reads()
      var failures: [String] = []
      let http = HTTPServer(listener, application: reads, security: server) { failures.append("\($1)") }
      try http.start()
      let stream = try TLSSocket.connect(host: "localhost", port: listener.address!.port!, context: client)
      try send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nten bytes.", to: stream)
      try reads.begun.wait()
      stream.socket.close()
      try reads.ended.wait()
      try http.stop()
      #expect(failures == [])
    }
  }

  /// Reads the body.
  private struct Reads: Application {
    let begun = Event()
    let ended = Event()

    func respond(to request: Request) throws -> Response {
      begun.set()
      defer { ended.set() }
      return Response(try request.body.bytes())
    }
  }

  private struct Told: Application {
    let tell: @Sendable (Request) -> String
    init(_ tell: @escaping @Sendable (Request) -> String) { self.tell = tell }
    func respond(to request: Request) throws -> Response { Response(tell(request)) }
  }
}

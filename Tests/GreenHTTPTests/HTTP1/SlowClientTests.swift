import Green
import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

/// Clients that take or send steadily, but for longer than any deadline.
@Suite(.bounded) struct SlowClientTests {
  enum Kind: CaseIterable {
    case bytes, string, stream, chunks

    static let bytes8MB = [UInt8](repeating: 120, count: 8_000_000)

    var body: ResponseBody {
      switch self {
      case .bytes: .bytes(Self.bytes8MB)
      case .string: .string(String(decoding: Self.bytes8MB, as: UTF8.self))
      case .stream: .stream(Self.stream(length: 8_000_000, by: 1_000))
      case .chunks: .stream(Self.stream(length: nil, by: 1_000_000))
      }
    }

    private static func stream(length: Int?, by size: Int) -> StreamedBody {
      StreamedBody(length: length) { body in
        for _ in 0..<(8_000_000 / size) { try body.write(Array(bytes8MB[..<size])) }
      }
    }
  }

  /// What one thread or fiber does that serves an answer, and one that takes it, at about 200 KB a second for as long as
  /// `slowFor` or, without it, to the end. How many bytes came.
  private func exchange(
    _ kind: Kind, patience: Duration, rate: Int, slowFor: Duration? = nil
  ) throws -> (serve: () throws -> Void, read: () throws -> Int) {
    var configuration = HTTPConfiguration()
    configuration.keepAlive = .seconds(600)
    configuration.limits.writeDeadline = patience
    configuration.limits.minimumRate = rate
    let body = kind.body
    let application = Handler { _ in Response(body: body) }
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let serve: () throws -> Void = { [configuration] in
      let socket = try listener.accept()
      HTTPConnection(stream: socket, application: application, configuration: configuration).serve()
      socket.close()
    }
    let read: () throws -> Int = {
      let socket = try Socket.connect(to: listener.address!) { try $0.setOption(.receiveBufferSize, to: 8_192) }
      try Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
      let slowUntil = slowFor.map { Deadline.after($0) } ?? .never
      var count = 0
      var buffer = [UInt8](repeating: 0, count: 4_000)
      while let received = try? buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) }), received > 0 {
        count += received
        if !slowUntil.hasPassed { try Fiber.sleep(for: .milliseconds(20)) }
      }
      return count
    }
    return (serve, read)
  }

  /// Has a client take each kind of answer, all at once. How many bytes came of each.
  private func taken(patience: Duration, rate: Int, slowFor: Duration? = nil, onThreads: Bool = false) throws -> [Int] {
    let kinds = Kind.allCases
    let counts = Mutex([Int](repeating: 0, count: kinds.count))
    var bodies: [() throws -> Void] = []
    for (index, kind) in kinds.enumerated() {
      let (serve, read) = try exchange(kind, patience: patience, rate: rate, slowFor: slowFor)
      bodies.append(serve)
      bodies.append {
        let count = try read()
        counts.withLock { $0[index] = count }
      }
    }
    if onThreads {
      try inParallel(bodies)
    } else {
      try onHub { [bodies] in
        let fibers = bodies.map { body in Fiber.spawn { try body() } }
        for fiber in fibers { try fiber.value }
      }
    }
    return counts.withLock { $0 }
  }

  /// For twice as long as a client is waited for that takes nothing: which is long enough for one whose thread is stopped
  /// for some seconds.
  @Test(arguments: [false, true])
  func aClientThatReadsSlowlyGetsTheWholeAnswer(onThreads: Bool) throws {
    let counts = try taken(patience: .seconds(4), rate: 250, slowFor: .seconds(9), onThreads: onThreads)
    #expect(counts.allSatisfy { $0 >= 8_000_000 }, "\(counts)")
  }

  @Test func oneThatReadsMoreSlowlyThanTheRateIsCutOff() throws {
    let counts = try taken(patience: .seconds(1), rate: 50_000_000)
    #expect(counts.allSatisfy { $0 < 8_000_000 }, "\(counts)")
  }

  /// Has a client send `count` bytes, one each 20 ms, or a chunk of one. The status of the answer.
  private func status(sending count: Int, rate: Int, isChunked: Bool) throws -> Int {
    let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
    let pieces = [String](repeating: isChunked ? "1\r\nx\r\n" : "x", count: count) + (isChunked ? ["0\r\n\r\n"] : [])
    var configuration = HTTPConfiguration()
    configuration.limits.bodyDeadline = .milliseconds(300)
    configuration.limits.minimumRate = rate
    return try onVirtualHub {
      let (client, socket) = try Socket.pair()
      let serving = Fiber.spawn {
        HTTPConnection(stream: socket, application: Handler.echo, configuration: configuration).serve()
        socket.close()
      }
      let sending = Fiber.spawn {
        for text in ["POST / HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n"] + pieces {
          try Array(text.utf8).withUnsafeBytes { try client.send($0) }
          try Fiber.sleep(for: .milliseconds(20))
        }
      }
      var head = [UInt8](repeating: 0, count: 12)
      _ = try head.withUnsafeMutableBytes { try client.receive(into: $0) }
      client.close()
      _ = try? sending.value
      try serving.value
      return Int(String(decoding: head[9..<12], as: UTF8.self))!
    }
  }

  @Test(arguments: [false, true])
  func aBodyIsMeasuredByTheSameRate(isChunked: Bool) throws {
    #expect(try status(sending: 50, rate: 10, isChunked: isChunked) == 200)
    #expect(try status(sending: 50, rate: 0, isChunked: isChunked) == 200)
    #expect(try status(sending: 50, rate: 5_000, isChunked: isChunked) == 408)
  }
}

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

  /// Has a client take an answer at about 200 KB a second for a while, and then as fast as it can. How many bytes came.
  private func taken(_ body: ResponseBody, rate: Int, onThreads: Bool = false) throws -> Int {
    var configuration = HTTPConfiguration()
    configuration.limits.writeDeadline = .seconds(1)
    configuration.limits.minimumRate = rate
    let application = Handler { _ in Response(body: body) }
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let serve = { [configuration] in
      let socket = try listener.accept()
      HTTPConnection(stream: socket, application: application, configuration: configuration).serve()
      socket.close()
    }
    var count = 0
    let read = {
      let socket = try Socket.connect(to: listener.address!) { try $0.setOption(.receiveBufferSize, to: 8_192) }
      try Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
      let slowUntil = Deadline.after(.seconds(3))
      var buffer = [UInt8](repeating: 0, count: 4_000)
      while let received = try? buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) }), received > 0 {
        count += received
        if !slowUntil.hasPassed { try Fiber.sleep(for: .milliseconds(20)) }
      }
    }
    if onThreads {
      try inParallel([serve, read])
    } else {
      try onHub {
        let serving = Fiber.spawn(serve)
        try read()
        try serving.value
      }
    }
    return count
  }

  @Test(arguments: Kind.allCases, [false, true])
  func aClientThatReadsSlowlyGetsTheWholeAnswer(_ kind: Kind, onThreads: Bool) throws {
    let count = try taken(kind.body, rate: 1_000, onThreads: onThreads)
    #expect(count >= 8_000_000)
  }

  @Test(arguments: Kind.allCases)
  func oneThatReadsMoreSlowlyThanTheRateIsCutOff(_ kind: Kind) throws {
    let count = try taken(kind.body, rate: 50_000_000)
    #expect(count < 8_000_000)
  }

  /// Has a client send `count` bytes, one each 20 ms, or a chunk of one. The status of the answer.
  private func status(sending count: Int, rate: Int, isChunked: Bool) throws -> Int {
    let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
    let pieces = [String](repeating: isChunked ? "1\r\nx\r\n" : "x", count: count) + (isChunked ? ["0\r\n\r\n"] : [])
    var configuration = HTTPConfiguration()
    configuration.limits.bodyDeadline = .milliseconds(300)
    configuration.limits.minimumRate = rate
    return try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let client = try Socket.connect(to: listener.address!)
      let socket = try listener.accept()
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

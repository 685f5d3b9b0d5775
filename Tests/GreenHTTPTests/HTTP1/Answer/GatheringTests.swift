import Green
import GreenHTTP
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// When the parts of a streamed answer leave: together where nobody waits between them, and before whoever makes it waits.
@Suite(.bounded) struct GatheringTests {
  /// Has `client` ask for a streamed answer. Returns how many sends it took, and all that was received.
  @discardableResult
  private func exchange(
    length: Int? = nil, request: String = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    receiveBuffer: Int = 65_536, _ write: @escaping @Sendable (BodyWriter, Request) throws -> Void,
    client: @escaping (Reader) throws -> Void = { _ in }
  ) throws -> (sends: Int, text: String) {
    let (near, far) = try Socket.pair()
    try near.setOption(.sendBufferSize, to: receiveBuffer)
    let stream = CountedSocket(near)
    let handler = Handler { request in
      Response(body: .stream(StreamedBody(length: length) { try write($0, request) }))
    }
    let serving = Fiber.spawn {
      HTTPConnection(stream: stream, application: handler).serve()
      near.close()
    }
    let reader = Reader(far)
    try reader.send(request)
    try client(reader)
    try reader.readAll()
    try serving.value
    return (stream.sends, reader.text)
  }

  private struct EndedOtherwise: Error { let text: String }

  private final class Reader {
    private let socket: Socket
    private(set) var text = ""

    init(_ socket: Socket) { self.socket = socket }

    func send(_ text: String) throws { try Array(text.utf8).withUnsafeBytes { try socket.send($0) } }

    private func receive() throws -> Bool {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = try buffer.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
      text += String(decoding: buffer[..<count], as: UTF8.self)
      return count > 0
    }

    /// Reads until the answer so far ends so.
    func read(to end: String) throws {
      while !text.hasSuffix(end) { guard try receive() else { throw EndedOtherwise(text: text) } }
    }

    func readAll() throws { while try receive() {} }
  }

  @Test func aShortAnswerLeavesInOneSend() throws {
    try onHub {
      for length in [nil, 11] {
        let (sends, text) = try exchange(length: length) { body, _ in
          for piece in ["Hello", " ", "World"] { try body.write(piece) }
        }
        #expect(sends == 1)
        let chunks = "5\r\nHello\r\n1\r\n \r\n5\r\nWorld\r\n0\r\n\r\n"
        #expect(text.hasSuffix("\r\n\r\n" + (length == nil ? chunks : "Hello World")))
      }
      let (sends, _) = try exchange { _, _ in }
      #expect(sends == 1)
    }
  }

  @Test func manyPiecesLeaveByTheBufferful() throws {
    try onHub {
      let piece = String(repeating: "x", count: 100)
      let (sends, text) = try exchange(length: 200_000) { body, _ in for _ in 0..<2_000 { try body.write(piece) } }
      #expect(text.utf8.count > 200_000)
      #expect((13...15).contains(sends), "\(sends) sends of 200,000 bytes")
    }
  }

  @Test func aThreadSendsEachPieceAndTheHeadWithTheFirst() {
    let stream = ScriptedStream("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    let response = Response(
      body: .stream(StreamedBody(length: 3) { for piece in ["a", "b", "c"] { try $0.write(piece) } }))
    HTTPConnection(stream: stream, application: Handler { _ in response }).serve()
    #expect(stream.sends == 3)
  }

  @Test func flushSendsWhatThereIs() throws {
    try onHub {
      let (sends, _) = try exchange { body, _ in
        try body.flush()
        try body.write("a")
        try body.flush()
        try body.flush()
        try body.write("b")
      }
      #expect(sends == 3)
    }
  }

  /// What the fiber that makes a body may wait for.
  enum Wait: CaseIterable {
    case sleep, yield, event, lock, semaphore, channel, socket, fiber, thread, shield
  }

  @Test(arguments: Wait.allCases, [false, true])
  func whatIsWrittenIsWithTheClientBeforeTheFiberWaits(_ wait: Wait, isHead: Bool) throws {
    try onHub {
      let (seen, lock, semaphore) = (Event(), Mutex(()), Semaphore(0))
      let channel = Channel<Int>(capacity: 0)
      let (near, far) = try Socket.pair()
      nonisolated(unsafe) let other = near
      let locking = Fiber.spawn { lock.withLock { _ in try? seen.wait() } }
      let waiting = Fiber.spawn { try seen.wait() }
      let (sends, text) = try exchange { body, _ in
        if !isHead { try body.write("first") }
        switch wait {
        case .sleep: while !seen.isSet { try Fiber.sleep(for: .milliseconds(1)) }
        case .yield: while !seen.isSet { Fiber.yield() }
        case .event: try seen.wait()
        case .lock: lock.withLock { _ in }
        case .semaphore: try semaphore.wait()
        case .channel: _ = try channel.receive()
        case .socket: _ = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try other.receive(into: $0) }
        case .fiber: try Fiber.spawn { try seen.wait() }.value
        case .thread: try offload { try seen.wait() }
        case .shield: try withShield { try seen.wait() }
        }
        try body.write("second")
      } client: { client in
        try client.read(to: isHead ? "\r\n\r\n" : "5\r\nfirst\r\n")
        seen.set()
        semaphore.signal()
        Fiber.spawn { try? channel.send(1) }
        try Array("x".utf8).withUnsafeBytes { try far.send($0) }
      }
      channel.close()
      try locking.value
      try waiting.value
      #expect(sends == 2 && text.hasSuffix("6\r\nsecond\r\n0\r\n\r\n"))
    }
  }

  @Test func whatTheKernelDoesNotTakeIsSentWhileTheFiberWaitsForSomethingElse() throws {
    try onHub {
      let seen = Event()
      let piece = String(repeating: "x", count: 15_000)
      // The kernel's least is some 4,600 bytes.
      let (_, text) = try exchange(length: 30_001, receiveBuffer: 1) { body, _ in
        try body.write(piece)
        try seen.wait()
        try body.write(piece)
        try body.write("y")
      } client: { client in
        try client.read(to: "\r\n\r\n" + piece)
        seen.set()
      }
      #expect(text.hasSuffix(piece + piece + "y"))
    }
  }

  @Test func aClientThatHasGoneIsToldAtTheNextPiece() throws {
    final class Failure: @unchecked Sendable { var error: (any Error)? }
    try onHub {
      let failure = Failure()
      let gone = Event()
      let (near, far) = try Socket.pair()
      let serving = Fiber.spawn {
        let body = StreamedBody { body in
          try gone.wait()
          try body.write("a")
          Fiber.yield()
          do { try body.write("b") } catch { failure.error = error }
        }
        HTTPConnection(stream: near, application: Handler { _ in Response(body: .stream(body)) }).serve()
      }
      let reader = Reader(far)
      try reader.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try reader.read(to: "\r\n\r\n")
      far.close()
      gone.set()
      try serving.value
      #expect(failure.error as? Errno == .brokenPipe)
    }
  }

  @Test func aBodyThatFailsLeavesWhatItHasWrittenAndNoEnd() throws {
    struct Oops: Error {}
    try onHub {
      let (_, text) = try exchange { body, _ in
        try body.write("a")
        throw Oops()
      }
      #expect(text.hasSuffix("\r\n\r\n1\r\na\r\n"))
    }
  }

  @Test func aCancelledBodyDoesNotWaitForASlowClient() throws {
    try onHub {
      let (near, far) = try Socket.pair()
      try near.setOption(.sendBufferSize, to: 1)
      let body = StreamedBody { body in
        try body.write(String(repeating: "x", count: 15_000))
        try Fiber.sleep(for: .seconds(60))
      }
      let serving = Fiber.spawn {
        HTTPConnection(stream: near, application: Handler { _ in Response(body: .stream(body)) }).serve()
      }
      try Reader(far).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      try Fiber.sleep(for: .milliseconds(50))
      serving.cancel()
      // Not the 30 s that a slow client has.
      try serving.join(until: .after(.seconds(20)))
    }
  }

  @Test func whatOtherFibersWriteIsSentAtOnceAndInOrder() throws {
    try onHub {
      let seen = Event()
      let (sends, text) = try exchange { body, _ in
        try body.write("1")
        nonisolated(unsafe) let body = body
        try Fiber.spawn {
          try body.write("2")
          try body.write("3")
        }.value
        try body.write("4")
        try seen.wait()
      } client: { client in
        try client.read(to: "1\r\n4\r\n")
        seen.set()
      }
      #expect(text.hasSuffix("1\r\n1\r\n1\r\n2\r\n1\r\n3\r\n1\r\n4\r\n0\r\n\r\n"))
      #expect(sends == 5)
    }
  }

  @Test(arguments: [true, false])
  func leaveToSendABodyComesBeforeTheHeadOrNotAtAll(_ isEarly: Bool) throws {
    try onHub {
      let request = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
      let (_, text) = try exchange(request: request) { body, request in
        if !isEarly { try body.flush() }
        try body.write(try request.body.bytes())
      } client: { client in
        try client.read(to: "\r\n\r\n")
        try client.send("abc")
      }
      #expect(text.hasPrefix(isEarly ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" : "HTTP/1.1 200 OK\r\n"))
      #expect(text.hasSuffix("\r\n\r\n3\r\nabc\r\n0\r\n\r\n") && text.ranges(of: "HTTP/1.1").count == (isEarly ? 2 : 1))
    }
  }
}

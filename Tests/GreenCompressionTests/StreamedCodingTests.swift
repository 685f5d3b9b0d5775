import Green
import GreenCompression
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

extension CompressionTests {
  /// Bodies that are compressed while they are sent.
  @Suite(.bounded) struct StreamedCodingTests {
    private struct App: Application {
      let write: @Sendable (BodyWriter) throws -> Void

      func respond(to request: Request) -> Response {
        Compression().applied(to: Response(contentType: "text/plain", body: .stream(StreamedBody(write))), for: request)
      }
    }

    /// Reads a chunked body.
    private final class Reader {
      private let socket: Socket
      private var received: [UInt8] = []
      private(set) var content: [UInt8] = []
      private(set) var hasEnded = false

      init(_ socket: Socket) { self.socket = socket }

      func receive() throws -> Bool {
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
        received += room[..<count]
        parse()
        return count > 0
      }

      private func parse() {
        guard let head = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        var rest = received[head.upperBound...]
        content = []
        while let line = rest.firstRange(of: [13, 10]),
          let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16)
        {
          if size == 0 { hasEnded = true }
          rest = rest[line.upperBound...]
          guard rest.count >= size + 2 else { return }
          content += rest.prefix(size)
          rest = rest.dropFirst(size + 2)
        }
      }
    }

    private func serve(
      _ coding: ContentCoding, _ write: @escaping @Sendable (BodyWriter) throws -> Void,
      _ client: (Reader) throws -> Void
    ) throws {
      let (near, far) = try Socket.pair()
      let connection = HTTPConnection(stream: near, application: App(write: write))
      let serving = Fiber.spawn {
        connection.serve()
        near.close()
      }
      let request = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(coding.rawValue)\r\nConnection: close\r\n\r\n"
      try Array(request.utf8).withUnsafeBytes { try far.send($0) }
      try client(Reader(far))
      try serving.value
    }

    @Test(arguments: ContentCoding.allCases)
    func whatIsWrittenArrivesWhileTheWriterWaits(_ coding: ContentCoding) throws {
      try onHub {
        let next = Semaphore(0)
        try serve(coding) { body in
          for number in 0..<3 {
            for _ in 0..<100 { try body.write("event \(number)\n") }
            try next.wait()
          }
        } _: { reader in
          var expected = ""
          for number in 0..<3 {
            expected += String(repeating: "event \(number)\n", count: 100)
            while coding.decoded(reader.content)?.content != Array(expected.utf8) {
              guard try reader.receive() else { break }
            }
            #expect(coding.decoded(reader.content)?.content == Array(expected.utf8))
            // A hundred pieces are compressed as one.
            #expect(reader.content.count < 120 * (number + 1))
            next.signal()
          }
          while try reader.receive() {}
          #expect(reader.hasEnded && coding.decoded(reader.content)?.hasEnded == true)
        }
      }
    }

    @Test(arguments: ContentCoding.allCases)
    func aLongBodyArrivesWhole(_ coding: ContentCoding) throws {
      try onHub {
        let pieces = (0..<200).map { number in
          String(repeating: "line \(number * 7919)\n", count: 1 + number * 13 % 500)
        }
        try serve(coding) { body in
          for (number, piece) in pieces.enumerated() {
            try body.write(piece)
            if number % 50 == 0 { try body.flush() }
          }
        } _: { reader in
          while try reader.receive() {}
          let decoded = try #require(coding.decoded(reader.content))
          #expect(decoded.hasEnded && decoded.content == Array(pieces.joined().utf8))
        }
      }
    }

    @Test func whatFailsIsNotEnded() throws {
      struct Oops: Error {}
      try onHub {
        try serve(.gzip) { body in
          try body.write("abc")
          throw Oops()
        } _: { reader in
          while try reader.receive() {}
          #expect(!reader.hasEnded)
        }
      }
    }

    @Test func aThreadSendsEachPiece() {
      let stream = PlainStream("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: zstd\r\nConnection: close\r\n\r\n")
      HTTPConnection(stream: stream, application: App { for piece in ["a", "b", "c"] { try $0.write(piece) } }).serve()
      #expect(stream.sends == 4, "each piece, and the end")
    }
  }
}

/// A stream that counts what is sent.
private final class PlainStream: ByteStream {
  private var rest: [UInt8]
  private(set) var sends = 0
  let peerDescription = ""

  init(_ request: String) { rest = Array(request.utf8) }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) -> Int {
    let count = min(rest.count, buffer.count)
    buffer.copyBytes(from: rest[..<count])
    rest.removeFirst(count)
    return count
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) { sends += 1 }
}

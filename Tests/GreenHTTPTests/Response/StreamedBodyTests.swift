import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct StreamedBodyTests {
  struct Oops: Error {}

  private let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  private func response(length: Int? = nil, _ pieces: [String], then error: (any Error)? = nil) -> Response {
    Response(
      body: .stream(
        StreamedBody(length: length) { body in
          for piece in pieces { try body.write(piece) }
          if let error { throw error }
        }))
  }

  /// What is sent, from the first line of the body on, and the fields that frame it.
  private func sent(_ request: String, _ response: Response) -> (fields: [String], body: String, stream: ScriptedStream)
  {
    let stream = ScriptedStream(request)
    HTTPConnection(stream: stream, application: Handler { _ in response }).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    let end = text.firstRange(of: "\r\n\r\n")!
    let framing = ["content-length", "transfer-encoding", "connection"]
    let fields = text[..<end.lowerBound].split(separator: "\r\n").map { $0.lowercased() }
      .filter { line in framing.contains { line.hasPrefix($0) } }
    return (fields, String(text[end.upperBound...]), stream)
  }

  @Test func withoutALengthItIsSentInChunks() {
    let (fields, body, stream) = sent(get, response(["Hello ", "", "World, this is green"]))
    #expect(fields == ["transfer-encoding: chunked"])
    #expect(body == "6\r\nHello \r\n14\r\nWorld, this is green\r\n0\r\n\r\n")
    #expect(stream.sends == 3, "the head with a chunk, another chunk, the end")
  }

  @Test func severalFibersMayWriteToOneBody() throws {
    /// A client that takes its time for each send, and bytes that are looked at only then.
    final class Slow: ByteStream {
      var sent: [UInt8] = []
      var asked = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let peerDescription = ""
      func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
        defer { asked = [] }
        buffer.copyBytes(from: asked)
        return asked.count
      }
      func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        try Fiber.sleep(for: .milliseconds(1))
        sent += bytes
      }
    }
    try onHub {
      let stream = Slow()
      let body = StreamedBody { body in
        let writers = (0..<8).map { index in
          Fiber.spawn {
            for _ in 0..<5 { try body.write(String(repeating: "\(index)", count: 9_000 + index * 3_000)) }
          }
        }
        for writer in writers { try writer.value }
      }
      HTTPConnection(stream: stream, application: Handler { _ in Response(body: .stream(body)) }).serve()
      var rest = String(decoding: stream.sent, as: UTF8.self)[...]
      rest = rest[rest.firstRange(of: "\r\n\r\n")!.upperBound...]
      var chunks = 0
      while let line = rest.firstRange(of: "\r\n"), let size = Int(rest[..<line.lowerBound], radix: 16), size > 0 {
        let chunk = rest[line.upperBound...].prefix(size)
        #expect(Set(chunk).count == 1 && chunk.count == size)
        rest = rest[line.upperBound...].dropFirst(size).dropFirst()
        chunks += 1
      }
      #expect(chunks == 40 && rest == "0\r\n\r\n")
    }
  }

  @Test func anEmptyOneIsOneLastChunk() {
    #expect(sent(get, response([])).body == "0\r\n\r\n")
  }

  @Test func aLongPieceIsSentWhole() {
    let long = String(repeating: "x", count: 200_000)
    #expect(sent(get, response([long])).body == "30d40\r\n" + long + "\r\n0\r\n\r\n")
  }

  @Test func withALengthItIsSentAsItIs() {
    let (fields, body, _) = sent(get, response(length: 11, ["Hello ", "World"]))
    #expect(fields == ["content-length: 11"] && body == "Hello World")
  }

  @Test func aWriterThatOutlivesItsBodyThrowsAndWritesIntoNoOtherAnswer() {
    final class Kept: @unchecked Sendable { var writer: BodyWriter? }
    for length in [nil, 2, 100] {
      let kept = Kept()
      let handler = Handler { request in
        if let writer = kept.writer {
          #expect(throws: BodyEndedError.self) { try writer.write("SMUGGLED") }
          #expect(throws: BodyEndedError.self) { try writer.write("") }
          return Response("clean")
        }
        return Response(
          body: .stream(
            StreamedBody(length: length) { body in
              kept.writer = body
              try body.write("ab")
            }))
      }
      let stream = ScriptedStream(get + get)
      HTTPConnection(stream: stream, application: handler).serve()
      #expect(!String(decoding: stream.sent, as: UTF8.self).contains("SMUGGLED"))
    }
  }

  @Test func theConnectionGoesOnBehindIt() {
    let (_, body, _) = sent(get + get, response(["a"]))
    #expect(body.components(of: "HTTP/1.1 200 OK") == 1 && body.hasSuffix("1\r\na\r\n0\r\n\r\n"))
  }

  @Test func toAnOldClientItIsSentUntilTheEndOfTheConnection() {
    let old = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    let (fields, body, _) = sent(old + old, response(["Hello ", "World"]))
    #expect(fields == ["connection: close"] && body == "Hello World")
  }

  @Test func headIsAnsweredWithoutIt() {
    let never = Response(body: .stream(StreamedBody { _ in Issue.record("a body for HEAD") }))
    let (fields, body, _) = sent("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", never)
    #expect(fields == [] && body == "")
  }

  @Test func anErrorEndsTheConnectionBeforeTheBodysEnd() {
    let recorder = Recorder()
    let stream = ScriptedStream(get + get)
    let response = response(["Hello"], then: Oops())
    HTTPConnection(stream: stream, application: Handler { _ in response }, observer: recorder).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    #expect(text.hasSuffix("5\r\nHello\r\n"))
    #expect(text.components(of: "HTTP/1.1") == 1)
    #expect(recorder.events.last == "failed /a Oops()")
  }

  @Test(arguments: [3, 12])
  func anotherLengthThanItSaidIsAnError(_ length: Int) {
    let recorder = Recorder()
    let stream = ScriptedStream(get + get)
    let response = response(length: length, ["Hello"])
    HTTPConnection(stream: stream, application: Handler { _ in response }, observer: recorder).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    #expect(text.hasSuffix(length == 3 ? "\r\n\r\n" : "\r\n\r\nHello"))
    #expect(text.components(of: "HTTP/1.1") == 1)
    #expect(recorder.events.last == "failed /a the body has 5 bytes, where \(length) were announced")
  }

  @Test func theRequestIsKnownWhileItIsWritten() {
    let asked = "GET /a HTTP/1.1\r\nHost: a\r\nX-Request-ID: r-1\r\n\r\n"
    let response = Response(body: .stream(StreamedBody(length: 3) { try $0.write(Request.currentID ?? "???") }))
    #expect(sent(asked, response).body == "r-1")
    #expect(Request.currentID == nil)
  }
}

extension String {
  /// How often `text` occurs.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

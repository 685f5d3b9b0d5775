import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct StreamingTests {
  struct Oops: Error {}

  private func written(_ response: Response) throws -> String {
    guard let body = response.body.stream else { return "no stream" }
    var bytes: [UInt8] = []
    try body.write(for: try Request(.get, "/")) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func pieces(_ texts: [String], then error: (any Error)? = nil) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      for text in texts { continuation.yield(Array(text.utf8)) }
      continuation.finish(throwing: error)
    }
  }

  @Test func aBodyMayComeFromAnAsyncSequence() throws {
    let ask = {
      let app = App()
      app.get("/") { _ in Response(body: .stream(StreamedBody(pieces(["Hello ", "World"])))) }
      let text = try written(try app.ask("/"))
      #expect(text == "Hello World")
    }
    try onThread(ask)
    try onHub(ask)
  }

  @Test func anErrorOfTheSequenceIsTheBodys() throws {
    try onHub {
      let response = Response(body: .stream(StreamedBody(pieces(["Hello"], then: Oops()))))
      #expect(throws: Oops.self) { try written(response) }
    }
  }

  @Test func aBodyWhoseSequenceIsCutOffIsNotWhole() throws {
    try onHub {
      let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
      continuation.yield(Array("Hello".utf8))
      let body = Response(body: .stream(StreamedBody(stream)))
      #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try written(body) } }
      let waiting = Event()
      let (other, another) = AsyncStream.makeStream(of: [UInt8].self)
      let fiber = Fiber.spawn {
        let body = StreamedBody(other)
        try body.write(for: try Request(.get, "/")) { _ in waiting.set() }
      }
      another.yield(Array("Hello".utf8))
      try waiting.wait()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      continuation.finish()
      another.finish()
    }
  }

  @Test func aChannelThatFibersFillIsABody() throws {
    try onHub {
      let channel = Channel<[UInt8]>(capacity: 1)
      let filling = Fiber.spawn {
        for number in 0..<10 { try channel.send(Array("\(number)".utf8)) }
        channel.close()
      }
      let text = try written(Response(body: .stream(StreamedBody(channel.values))))
      #expect(text == "0123456789")
      try filling.value
    }
  }

  @Test func aRequestsBodyIsAnAsyncSequence() throws {
    let ask = {
      let app = App()
      app.post("/") { request in
        var pieces: [String] = []
        for try await piece in request.body.pieces(upTo: 4) { pieces.append(String(decoding: piece, as: UTF8.self)) }
        return pieces.joined(separator: "|")
      }
      let text = try app.ask("POST", "/", type: nil, body: "0123456789").text
      #expect(text == "0123|4567|89")
    }
    try onThread(ask)
    try onHub(ask)
  }
}

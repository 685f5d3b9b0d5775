import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// Requests and answers are what they are over HTTP/1.
@Suite(.bounded) struct RequestTests {
  @Test func theHandlerSeesWhatItSeesOverHTTP1() throws {
    let seen = Handler { request in
      let fields = request.rawHeaders.map { "\($0.name): \($0.value)" }.joined(separator: "|")
      return Response(
        "\(request.method) \(request.target) \(request.version) \(request.authority ?? "") \(request.body.count ?? -1) \(fields)"
      )
    }
    try onHub {
      let client = try FrameClient(seen)
      try client.request(1, "/a%20b?c=d", [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2"), ("cookie", "c=3")])
      try #expect(
        client.answer(to: 1).text == "GET /a%20b?c=d HTTP/2.0 x 0 Host: x|x: y|cookie: a=1; b=2; c=3")
      try client.close()
    }
  }

  @Test func aBodyComesWithAndWithoutALength() throws {
    let count = Handler { Response("\($0.body.count.map(String.init) ?? "unknown") \(try $0.body.bytes().count)") }
    try onHub {
      let client = try FrameClient(count)
      try client.post(1, "/", [("content-length", "5")])
      try client.data(1, [1, 2])
      try client.data(1, [3, 4, 5], endsStream: true)
      try #expect(client.answer(to: 1).text == "5 5")
      try client.post(3)
      try client.data(3, [1, 2, 3], endsStream: true)
      try #expect(client.answer(to: 3).text == "unknown 3")
      try client.close()
    }
  }

  @Test func trailersAreThereWhenTheBodyHasBeenRead() throws {
    let trailers = Handler { request in
      let before = request.trailers.count
      _ = try request.body.bytes()
      return Response("\(before) \(request.trailers.map { "\($0.name)=\($0.value)" }.joined(separator: ","))")
    }
    try onHub {
      let client = try FrameClient(trailers)
      try client.post(1)
      try client.data(1, [1])
      try client.head(1, [("checksum", "abc")])
      try #expect(client.answer(to: 1).text == "0 checksum=abc")
      try client.post(3)
      try client.data(3, [1])
      try client.head(3, [("authorization", "me")])
      try #expect(client.answer(to: 3).status == 400, "a field that may not be sent after the body")
      try client.close()
    }
  }

  @Test func anAnswerMayHaveTrailersAndHintsBefore() throws {
    let both = Handler { request in
      try request.sendEarlyHints([HTTPField.Name("Link")!: "</style.css>; rel=preload"])
      return Response(
        body: .stream(
          StreamedBody(trailers: [HTTPField.Name("Checksum")!]) { body in
            try body.write("abc")
            try body.setTrailer(HTTPField.Name("Checksum")!, "123")
          }))
    }
    try onHub {
      let client = try FrameClient(both)
      try client.request(1)
      let answer = try client.answer(to: 1)
      #expect(client.interim == [103])
      #expect(answer.text == "abc" && answer.trailers == ["checksum": "123"] && answer.fields["trailer"] == "checksum")
      try client.close()
    }
  }

  @Test func aRequestMayTakeSoLong() throws {
    var configuration = HTTPConfiguration.both
    configuration.requestTimeout = .seconds(2)
    try onVirtualHub {
      let client = try FrameClient(
        Handler { _ in
          try Fiber.sleep(for: .seconds(30))
          return Response("late")
        }, configuration: configuration)
      try client.request(1)
      try #expect(client.answer(to: 1).status == 503)
      try client.close()
    }
  }

  @Test func theClientIsToldToGoOnAtTheFirstRead() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.post(1, "/", [("expect", "100-continue")])
      while client.interim.isEmpty, let frame = try client.receive() { _ = try client.note(frame) }
      #expect(client.interim == [100])
      try client.data(1, [65], endsStream: true)
      try #expect(client.answer(to: 1).text == "A")
      let other = try FrameClient(Handler { _ in Response("no") })
      try other.post(1, "/", [("expect", "100-continue")])
      try #expect(other.answer(to: 1).text == "no")
      #expect(other.interim.isEmpty, "nobody has read")
      try client.close()
      try other.close()
    }
  }

  private static let answers: [(method: String, response: Response, status: Int, length: String?, body: String)] = [
    ("GET", Response("abc"), 200, "3", "abc"), ("HEAD", Response("abc"), 200, "3", ""),
    ("HEAD", Response(headers: [.contentLength: "77"]), 200, "77", ""),
    ("GET", Response(status: .noContent), 204, nil, ""), ("GET", Response("abc", status: .noContent), 204, nil, ""),
    ("GET", Response("abc", status: .resetContent), 205, "0", ""),
    ("GET", Response(status: .notModified), 304, nil, ""), ("GET", Response(status: .ok), 200, "0", ""),
    ("GET", Response(body: .stream(StreamedBody(length: 3) { try $0.write("abc") })), 200, "3", "abc"),
    ("GET", Response(body: .stream(StreamedBody { for _ in 0..<3 { try $0.write("abc") } })), 200, nil, "abcabcabc"),
    ("GET", Response(body: .stream(StreamedBody { _ in })), 200, nil, ""),
    ("HEAD", Response(body: .stream(StreamedBody { try $0.write("abc") })), 200, nil, ""),
    ("GET", Response(status: 101), 500, "21", "Internal Server Error"),
  ]

  @Test(arguments: answers.indices)
  func anAnswerHasTheLengthAndTheBodyThatItMayHave(_ index: Int) throws {
    let one = Self.answers[index]
    try onHub {
      let client = try FrameClient(Handler { _ in one.response })
      try client.head(1, [(":method", one.method)] + FrameClient.get()[1...])
      let answer = try client.answer(to: 1)
      #expect(answer.status == one.status)
      #expect(answer.fields["content-length"] == one.length)
      #expect(answer.text == one.body)
      try client.close()
    }
  }

  @Test func fieldsOfAConnectionAreNotSent() throws {
    let fields: HTTPFields = [
      .connection: "x", .transferEncoding: "chunked", .upgrade: "h3", HTTPField.Name("Keep-Alive")!: "1",
      .init("X-Own")!: "yes", .server: "mine",
    ]
    try onHub {
      let client = try FrameClient(Handler { _ in Response(headers: fields, body: .string("x")) })
      try client.request(1)
      let answer = try client.answer(to: 1)
      #expect(answer.fields.keys.sorted() == ["content-length", "date", "server", "x-own"])
      #expect(answer.fields["server"] == "mine")
      try client.close()
    }
  }

  private static let limits: [(what: String, fields: Fields, path: String, status: Int)] = [
    ("a long field", [("x", String(repeating: "a", count: 9_000))], "/", 431),
    ("many fields", (0..<101).map { ("x\($0)", "a") }, "/", 431),
    ("a long head", (0..<9).map { ("x\($0)", String(repeating: "a", count: 8_000)) }, "/", 431),
    ("a long target", [], "/" + String(repeating: "a", count: 9_000), 414),
    ("a long body", [("content-length", "2000000")], "/", 413),
    ("many pieces of a cookie", (0..<2_000).map { ("cookie", "a=\($0)") }, "/", 431),
  ]

  @Test(arguments: limits.indices)
  func aRequestAboveALimitIsRefusedAndTheNextServed(_ index: Int) throws {
    let one = Self.limits[index]
    try onHub {
      let client = try FrameClient(Handler.echo)
      let block = FieldCoding.block(FrameClient.get(one.path) + one.fields)
      let pieces = stride(from: 0, to: block.count, by: 16_000).map { Array(block[$0..<min($0 + 16_000, block.count)]) }
      for (number, piece) in pieces.enumerated() {
        let flags = number == pieces.count - 1 ? Frame.endHeaders : 0
        if number == 0 { try client.send(Frame.headers, flags, 1, piece) }
        if number > 0 { try client.send(Frame.continuation, flags, 1, piece) }
      }
      try #expect(client.outcome(of: 1) == .answered(one.status), "\(one.what)")
      try client.request(3)
      try #expect(client.outcome(of: 3) == .answered(200))
      try client.close()
    }
  }

  @Test func aBodyThatGrowsAboveTheLimitIsRefused() throws {
    var configuration = HTTPConfiguration.both
    configuration.limits.body = 1_000
    try onHub {
      let client = try FrameClient(Handler.echo, configuration: configuration)
      try client.post(1)
      try client.data(1, [UInt8](repeating: 0, count: 600))
      try client.data(1, [UInt8](repeating: 0, count: 600))
      try #expect(client.answer(to: 1).status == 413)
      try client.close()
    }
  }
}

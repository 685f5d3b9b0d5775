import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Requests that came over other servers' connections.
@Suite(.bounded) struct AdaptedRequestTests {
  private func request(
    _ path: String? = "/a?b=c", authority: String? = "example.org", fields: HTTPFields = [:],
    body: RequestBody.Source? = nil
  ) throws -> Request {
    try Request(
      HTTPRequest(method: .put, scheme: "http", authority: authority, path: path, headerFields: fields),
      remote: "127.0.0.1:1", body: body)
  }

  /// Gives `text` in pieces of three bytes.
  private func pieces(_ text: String) -> RequestBody.Source {
    var rest = Array(text.utf8)[...]
    return { buffer in
      let piece = rest.prefix(min(3, buffer.count))
      rest = rest.dropFirst(piece.count)
      buffer.copyBytes(from: piece)
      return piece.count
    }
  }

  @Test func allThatItIsCanBeAsked() throws {
    let request = try request(fields: [.accept: "text/plain", .transferEncoding: "chunked", .expect: "100-continue"])
    #expect(request.method == .put && request.rawPath == "/a" && request.rawQuery == "b=c")
    #expect(request.authority == "example.org" && request.remote == "127.0.0.1:1")
    #expect(request.headers[.accept] == "text/plain" && request.headers[.transferEncoding] == nil)
    #expect(request.body.count == 0 && request.body.isEmpty)
    #expect(try request.body.bytes() == [])
  }

  @Test func aBodyOfUnknownLengthIsReadToItsEnd() throws {
    let request = try request(body: pieces("Hello World"))
    #expect(request.body.count == nil && !request.body.isEmpty)
    #expect(try String(decoding: request.body.bytes(), as: UTF8.self) == "Hello World")
    #expect(try String(decoding: request.body.bytes(), as: UTF8.self) == "Hello World")
  }

  @Test func aBodyCanBeReadInPieces() throws {
    let request = try request(fields: [.contentLength: "5"], body: pieces("Hello"))
    #expect(request.body.count == 5)
    var buffer = [UInt8](repeating: 0, count: 16)
    let counts = try (0..<3).map { _ in try buffer.withUnsafeMutableBytes { try request.body.read(into: $0) } }
    #expect(counts == [3, 2, 0])
  }

  @Test func aBodyIsNoLongerThanTheLimit() throws {
    var limits = HTTPLimits()
    limits.body = 10
    let request = try Request(
      HTTPRequest(method: .post, scheme: nil, authority: "a", path: "/"), remote: "", limits: limits,
      body: { $0.count > 0 ? 1 : 0 })
    let error = #expect(throws: HTTPError.self) { try request.body.bytes() }
    #expect(error?.status == .contentTooLarge)
  }

  @Test(arguments: ["/a b", "/a\r\nX: y", ""])
  func whatNoClientCouldHaveSentIsRefused(_ path: String) {
    let error = #expect(throws: HTTPError.self) { try request(path) }
    #expect(error?.status == .badRequest)
    #expect(throws: HTTPError.self) { try request(authority: "a b") }
  }

  @Test func anAnswerIsAlwaysMade() throws {
    struct Oops: Error {}
    var reported: [String] = []
    let answers = try [
      Handler { Response("\($0.id == Request.currentID)") }, Handler { _ in throw HTTPError(.conflict) },
      Handler { _ in throw Oops() }, Handler { _ in Response(status: .continue) },
    ].map { $0.answer(try request()) { reported.append("\($0)") } }
    #expect(answers.map(\.status.code) == [200, 409, 500, 500])
    #expect(answers[0].body == .string("true"))
    #expect(reported == ["Oops()", "a handler answered with status 100, which is not a final answer's: 200 to 599"])
  }
}

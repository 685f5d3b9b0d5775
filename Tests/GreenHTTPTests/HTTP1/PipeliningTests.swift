import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Answers to requests that came together: RFC 9112, 9.3.2.
@Suite(.bounded) struct PipeliningTests {
  /// Serves what the client sends at once; how many sends it took, and all that came.
  private func exchange(
    _ requests: String, buffer: Int = 212_992, _ handler: @escaping @Sendable (Request) throws -> Response,
    client: (Socket) throws -> Void = { _ in }
  ) throws -> (sends: Int, text: String) {
    let (near, far) = try Socket.pair()
    try near.setOption(.sendBufferSize, to: buffer)
    let stream = CountedSocket(near)
    let serving = Fiber.spawn {
      HTTPConnection(stream: stream, application: Handler(handler)).serve()
      near.close()
    }
    try Array(requests.utf8).withUnsafeBytes { try far.send($0) }
    try client(far)
    far.shutdown(1)
    var text = ""
    var room = [UInt8](repeating: 0, count: 65_536)
    while case let count = try room.withUnsafeMutableBytes({ try far.receive(into: $0, until: .after(.seconds(60))) }),
      count > 0
    {
      text += String(decoding: room[..<count], as: UTF8.self)
    }
    try serving.value
    return (stream.sends, text)
  }

  private func get(_ path: Int, _ more: String = "") -> String { "GET /\(path) HTTP/1.1\r\nHost: a\r\n\(more)\r\n" }

  /// The targets that were answered, with which each body begins.
  private func order(_ text: String) -> [String] {
    text.split(separator: "\r\n\r\n").filter { $0.hasPrefix("/") }.map { "/" + $0.dropFirst().prefix { $0.isNumber } }
  }

  @Test func sixteenAnswersLeaveInOneSend() throws {
    // They are held for 4 ms at most, which the handlers of a busy machine may take.
    try onVirtualHub {
      let requests = (0..<16).map { get($0) }.joined()
      let (sends, text) = try exchange(requests) { Response($0.target) }
      #expect(sends == 1, "\(sends) sends")
      #expect(order(text) == (0..<16).map { "/\($0)" })
    }
  }

  @Test func nothingIsHeldWhileAHandlerWaits() throws {
    try onHub {
      let (begun, go) = (Event(), Event())
      let (_, text) = try exchange(get(0) + get(1)) { request in
        if request.target == "/1" {
          begun.set()
          try go.wait()
        }
        return Response(request.target)
      } client: { socket in
        try begun.wait()
        var room = [UInt8](repeating: 0, count: 4_096)
        let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
        #expect(String(decoding: room[..<count], as: UTF8.self).hasSuffix("\r\n\r\n/0"))
        go.set()
      }
      #expect(text.hasSuffix("\r\n\r\n/1"))
    }
  }

  @Test func nothingIsHeldForAPartOfARequest() throws {
    try onHub {
      let (_, text) = try exchange(get(0) + "GET /1 HTT") {
        Response($0.target)
      } client: { socket in
        var room = [UInt8](repeating: 0, count: 4_096)
        let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
        #expect(String(decoding: room[..<count], as: UTF8.self).hasSuffix("\r\n\r\n/0"))
        try Array("P/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
      }
      #expect(text.hasSuffix("\r\n\r\n/1"))
    }
  }

  @Test func theOrderIsKeptWhateverTheAnswersAre() throws {
    try onHub {
      let long = String(repeating: "x", count: 100_000)
      var requests = ""
      for index in 0..<40 {
        switch index % 5 {
        case 3: requests += "POST /\(index) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        case 4:
          requests += "POST /\(index) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        default: requests += get(index)
        }
      }
      // Less than the answers: the connection waits for the client again and again.
      let (_, text) = try exchange(requests, buffer: 8_192) { request in
        let index = Int(request.target.dropFirst())!
        let path = request.path
        switch index % 8 {
        case 1: return Response("\(request.target)H\(long)")
        case 2:
          return Response(body: .stream(StreamedBody(length: path.utf8.count) { try $0.write(path) }))
        case 3:
          try request.sendEarlyHints([HTTPField.Name("Link")!: "<x>"])
          return Response(request.target)
        case 4:
          try Fiber.sleep(for: .milliseconds(1))
          return Response(request.target)
        case 5: return Response("\(request.target)H\(try request.body.bytes().count)")
        default: return Response(request.target)
        }
      }
      #expect(order(text) == (0..<40).map { "/\($0)" })
      #expect(text.ranges(of: "HTTP/1.1 103").count == 5)
    }
  }

  @Test func aRefusalComesAfterWhatWentBefore() throws {
    try onHub {
      let (_, text) = try exchange(get(0) + get(1) + "NONSENSE\r\n\r\n") { Response($0.target) }
      #expect(order(text).prefix(2) == ["/0", "/1"] && text.contains("HTTP/1.1 400"))
    }
  }

  /// The body is read, and thrown away, before the other protocol begins.
  @Test func aBodyBeforeAnotherProtocolIsNotPutOverTheAnswersBeforeIt() throws {
    try onHub {
      let upgrade = get(1, "Connection: upgrade\r\nUpgrade: echo\r\nTransfer-Encoding: chunked\r\n")
      let (_, text) = try exchange(get(0) + upgrade + "5\r\nHELLO\r\n0\r\n\r\n") { request in
        if request.target == "/0" { return Response(request.target) }
        return Response(upgradingTo: "echo") { _ in }
      }
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("\r\n\r\n/0HTTP/1.1 101 "), "\(text)")
    }
  }

  @Test func theLastOneEndsTheConnection() throws {
    try onHub {
      let (_, text) = try exchange(get(0) + get(1, "Connection: close\r\n") + get(2)) { Response($0.target) }
      #expect(order(text) == ["/0", "/1"])
    }
  }
}

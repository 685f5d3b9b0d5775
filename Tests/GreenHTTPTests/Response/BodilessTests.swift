import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Answers without content, whatever their body is made of: RFC 9110, 9.3.2, 15.3.5, 15.3.6, 15.4.5, and RFC 9112, 6.3.
@Suite(.bounded) struct BodilessTests {
  private static let bodies: [@Sendable () -> ResponseBody] = [
    { .empty }, { .string("Hello") }, { .bytes([72, 105]) },
    { .stream(StreamedBody(length: 5) { try $0.write("Hello") }) }, { .stream(StreamedBody { try $0.write("Hello") }) },
    { .stream(StreamedBody(trailers: [.eTag]) { try $0.write("Hello") }) },
  ]

  /// What two requests on one connection are answered with, and whether nothing follows a head.
  private func heads(_ method: String, _ version: String, _ status: HTTPResponse.Status, _ body: Int) -> [[String]] {
    let request = "\(method) / \(version)\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"
    let stream = ScriptedStream(request + request)
    let handler = Handler { _ in Response(status: status, body: Self.bodies[body]()) }
    HTTPConnection(stream: stream, application: handler).serve()
    let text = String(decoding: stream.sent, as: UTF8.self)
    #expect(text.hasSuffix("\r\n\r\n") && !text.contains("Hello"))
    let answers = text.split(separator: "\r\n\r\n", omittingEmptySubsequences: true)
    return answers.map { $0.split(separator: "\r\n").map(String.init) }
  }

  @Test(arguments: [204, 205, 304], 0..<6)
  func aStatusWithoutContentHasNone(code: Int, body: Int) {
    for method in ["GET", "HEAD", "POST"] {
      for version in ["HTTP/1.1", "HTTP/1.0"] {
        let heads = heads(method, version, .init(code: code), body)
        #expect(heads.count == (version == "HTTP/1.1" || body < 4 ? 2 : 1), "\(method) \(version)")
        for head in heads {
          #expect(head[0].hasPrefix("HTTP/1.1 \(code)"))
          #expect(!head.contains { $0.hasPrefix("Transfer-Encoding") || $0.hasPrefix("Trailer") })
          let lengths = head.filter { $0.hasPrefix("Content-Length") }
          #expect(lengths == (code == 205 ? ["Content-Length: 0"] : []))
        }
      }
    }
  }

  @Test(arguments: 0..<6)
  func headIsAnsweredWithTheLengthThatGetWouldHave(body: Int) {
    for version in ["HTTP/1.1", "HTTP/1.0"] {
      let heads = heads("HEAD", version, .ok, body)
      let lengths = heads[0].filter { $0.hasPrefix("Content-Length") }
      #expect(
        lengths
          == [["Content-Length: 0"], ["Content-Length: 5"], ["Content-Length: 2"], ["Content-Length: 5"], [], []][body])
    }
  }
}

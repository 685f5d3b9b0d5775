import Green
import GreenCompression
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// RFC 9110, 8.4: codings of contents.
@Suite(.bounded) struct DecodingTests {
  private let text = (0..<40_000).map { "line \($0)\n" }.joined()

  private func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) -> HTTPClient {
    var configuration = HTTPClientConfiguration()
    change(&configuration)
    return HTTPClient(decoding: .standard, configuration: configuration)
  }

  /// An application that answers with a text in one coding.
  private func coded(_ coding: ContentCoding, _ text: String, isStreamed: Bool = false) -> Handler {
    Handler { request in
      var compression = Compression()
      compression.codings = [coding]
      let body = isStreamed ? ResponseBody.stream(StreamedBody { try $0.write(text) }) : .string(text)
      return compression.applied(to: Response(contentType: "text/plain", body: body), for: request)
    }
  }

  @Test(arguments: [ContentCoding.brotli, .zstd, .gzip], [true, false])
  func codingsAreTakenOff(_ coding: ContentCoding, _ isStreamed: Bool) throws {
    try onHub {
      try withServer(coded(coding, text, isStreamed: isStreamed)) { url, server throws in
        let client = client()
        for _ in 0..<3 {
          let answer = try client.get(url)
          #expect(
            try answer.text() == text && answer.headers[.contentEncoding] == nil
              && answer.headers[.contentLength] == nil)
        }
        #expect(server.openConnections == 1)
        // What the caller asks for itself is the caller's.
        let own = try client.get(url, headers: [.acceptEncoding: coding.rawValue])
        #expect(try own.headers[.contentEncoding] == coding.rawValue && own.bytes().count < text.utf8.count / 3)
        #expect(try client.get(url, headers: [.range: "bytes=0-"]).headers[.contentEncoding] == nil)
        #expect(try HTTPClient().get(url).headers[.contentEncoding] == nil)
      }
    }
  }

  @Test func whatIsAskedForIsWhatIsKnown() throws {
    try onHub {
      try withServer(Handler { Response($0.header(.acceptEncoding) ?? "-") }) { url, _ throws in
        #expect(try client().get(url).text() == "br, zstd, gzip")
        #expect(try HTTPClient().get(url).text() == "-")
      }
    }
  }

  /// The bytes of a text in a coding, made by a server of this library.
  private func bytes(_ coding: ContentCoding, _ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withServer(coded(coding, text)) { url, _ throws in
      bytes = try HTTPClient().get(url, headers: [.acceptEncoding: coding.rawValue]).bytes()
    }
    return bytes
  }

  @Test(arguments: [ContentCoding.brotli, .zstd, .gzip])
  func whatIsCutOrChangedIsAnError(_ coding: ContentCoding) throws {
    try onHub {
      let whole = try bytes(coding, text)
      var changed = whole
      for index in stride(from: 10, to: whole.count, by: 7) { changed[index] ^= 0xff }
      for wrong in [
        Array(whole.dropLast(3)), Array(whole.prefix(5)), changed, whole + [1, 2, 3], Array("plain text".utf8),
      ] {
        try withServer(Handler { _ in Response(headers: [.contentEncoding: coding.rawValue], body: .bytes(wrong)) }) {
          url, _ throws in
          #expect {
            _ = try client().get(url).bytes()
          } throws: { error in
            if case HTTPClientError.undecodable = error { true } else { false }
          }
        }
      }
      // Nothing is nothing in any coding.
      try withServer(Handler { _ in Response(headers: [.contentEncoding: coding.rawValue], body: .empty) }) {
        url, _ throws in
        #expect(try client().get(url).bytes() == [])
      }
    }
  }

  @Test func severalMembersAreOneContent() throws {
    try onHub {
      for coding in [ContentCoding.gzip, .zstd] {
        let twice = try bytes(coding, text) + bytes(coding, "more " + text)
        try withServer(Handler { _ in Response(headers: [.contentEncoding: coding.rawValue], body: .bytes(twice)) }) {
          url, _ throws in
          #expect(try client().get(url).text() == text + "more " + text)
        }
      }
    }
  }

  @Test(arguments: [ContentCoding.brotli, .zstd, .gzip])
  func aBombIsDefused(_ coding: ContentCoding) throws {
    try onHub {
      let bomb = try bytes(coding, String(repeating: "\0", count: 100 << 20))
      #expect(bomb.count < 1 << 20)
      try withServer(Handler { _ in Response(headers: [.contentEncoding: coding.rawValue], body: .bytes(bomb)) }) {
        url, _ throws in
        #expect {
          _ = try client {
            $0.maximumContent = .max; $0.maximumExpansion = 10
          }.get(url).bytes()
        } throws: { error in
          if case HTTPClientError.tooLong(let limit) = error { limit < 25 << 20 } else { false }
        }
        #expect(throws: HTTPClientError.tooLong(limit: 1 << 20)) { try client().get(url).bytes(upTo: 1 << 20) }
      }
    }
  }

  @Test func whatIsNotKnownIsLeftAsItIs() throws {
    try onHub {
      for coding in ["compress", "gzip, gzip", "identity"] {
        try withServer(Handler { _ in Response(headers: [.contentEncoding: coding], body: .string("as it is")) }) {
          url, _ throws in
          let answer = try client().get(url)
          #expect(try answer.text() == "as it is" && answer.headers[.contentEncoding] == coding)
        }
      }
    }
  }
}

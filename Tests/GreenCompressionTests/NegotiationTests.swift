import GreenCompression
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

extension CompressionTests {
  /// What is compressed, and for whom: RFC 9110, 8.4 and 12.5.3.
  @Suite(.bounded) struct NegotiationTests {
    private let text = String(repeating: "Hello World! ", count: 500)

    private func apply(
      _ response: Response, accepting: String? = "gzip", method: HTTPRequest.Method = .get
    ) throws -> Response {
      var headers = HTTPFields()
      headers[.acceptEncoding] = accepting
      return Compression().applied(to: response, for: try Request(method, "/", headers: headers))
    }

    private func bytes(_ response: Response) throws -> [UInt8] {
      guard let stream = response.body.stream else { return response.body.withBytes { Array($0) } ?? [] }
      var bytes: [UInt8] = []
      try stream.write(for: Request(.get, "/")) { bytes += $0 }
      return bytes
    }

    @Test(arguments: ContentCoding.allCases, [10, 6_500, 65_536, 65_537, 200_000])
    func whatIsCompressedIsTheSame(_ coding: ContentCoding, _ count: Int) throws {
      let text = String(repeating: "0123456789abcdef ghijklmnopqrstuvwxyz\n", count: count / 38 + 1)
      let answer = try apply(Response(text), accepting: "\(coding.rawValue), identity;q=0")
      #expect(answer.headers[.contentEncoding] == coding.rawValue && answer.headers[.vary] == "Accept-Encoding")
      let sent = try bytes(answer)
      let decoded = try #require(coding.decoded(sent))
      #expect(decoded.hasEnded && decoded.content == Array(text.utf8))
      #expect(count < 1000 || sent.count < text.utf8.count / 4)
      #expect(answer.body.count == (text.utf8.count <= 65_536 ? sent.count : nil))
    }

    @Test(arguments: [
      ("gzip", "gzip"), ("gzip, br", "br"), ("gzip;q=1, br;q=0.9", "gzip"), ("*", "br"), ("deflate", "deflate"),
      ("br;q=0, *;q=0.1", "zstd"), ("zstd, gzip", "zstd"),
    ])
    func theClientsChoiceIsTaken(accepting: String, coding: String) throws {
      #expect(try apply(Response(text), accepting: accepting).headers[.contentEncoding] == coding)
    }

    @Test(arguments: [nil, "", "identity", "gzip;q=0", "sdch", "gzip;q=0.1, identity"] as [String?])
    func whoTakesNoneGetsNoneAndIsToldThatOthersMay(accepting: String?) throws {
      let answer = try apply(Response(text), accepting: accepting)
      #expect(answer.headers[.contentEncoding] == nil && answer.body == .string(text))
      #expect(answer.headers[.vary] == "Accept-Encoding")
    }

    @Test func whatGainsNothingStaysAsItIs() throws {
      #expect(try apply(Response("short")).headers[.contentEncoding] == nil)
      #expect(try apply(Response("short")).headers[.vary] == "Accept-Encoding")
      for type in ["image/png", "application/octet-stream", "application/gzip", "video/mp4", "font/woff2", "", "text"] {
        let answer = try apply(Response(Array(text.utf8), contentType: type))
        #expect(answer.headers.isEmpty, "\(type)")
      }
      for type in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", "image/svg+xml"] {
        #expect(try apply(Response(Array(text.utf8), contentType: type)).headers[.contentEncoding] == "gzip", "\(type)")
      }
    }

    @Test func whoRefusesWhatIsNotCodedGetsItCodedOrIsTold() throws {
      let image = Response(Array(text.utf8), contentType: "image/png")
      for accepting in ["gzip, identity;q=0", "gzip, *;q=0"] {
        let answer = try apply(image, accepting: accepting)
        #expect(answer.headers[.contentEncoding] == "gzip" && answer.headers[.vary] == "Accept-Encoding")
        #expect(try apply(Response("short"), accepting: accepting).headers[.contentEncoding] == "gzip")
      }
      for accepting in ["identity;q=0", "*;q=0", "sdch, identity;q=0"] {
        for response in [image, Response(text), Response("short")] {
          let answer = try apply(response, accepting: accepting)
          #expect(answer.status == .notAcceptable && answer.headers[.vary] == "Accept-Encoding")
          // What has been done has been done, and an error is better than none.
          #expect(try apply(response, accepting: accepting, method: .post).status == .ok)
        }
        #expect(try apply(Response(text, status: .notFound), accepting: accepting).status == .notFound)
        #expect(try apply(Response(status: .noContent), accepting: accepting).status == .noContent)
        #expect(try apply(Response(text).withoutCompression(), accepting: accepting).status == .ok)
        #expect(try apply(Response(), accepting: accepting).status == .ok)
      }
    }

    @Test func whatMustNotBeChangedIsNot() throws {
      for (name, value) in [
        (HTTPField.Name.contentEncoding, "br"), (.contentRange, "bytes 0-1/2"),
        (.cacheControl, "max-age=3, No-Transform"),
        (.init("Repr-Digest")!, "sha-256=:x:"), (.init("Content-MD5")!, "x"),
      ] {
        var response = Response(text)
        response.headers[name] = value
        #expect(try apply(response) == response, "\(name)")
      }
      for status in [204, 205, 206] as [HTTPResponse.Status] {
        #expect(try apply(Response(text, status: status)) == Response(text, status: status))
      }
      #expect(try apply(Response(text).withoutCompression()).headers[.contentEncoding] == nil)
      var cached = Response(text)
      cached.headers[.cacheControl] = "private"
      #expect(cached.withoutCompression().withoutCompression().headers[.cacheControl] == "private, no-transform")
    }

    @Test func errorsAreCompressedToo() throws {
      #expect(try apply(Response(text, status: .notFound)).headers[.contentEncoding] == "gzip")
    }

    @Test func tagsBecomeWeakAndPartsAreNoMore() throws {
      var response = Response(text)
      response.headers = [.eTag: "\"v\"", .acceptRanges: "bytes", .vary: "Cookie"]
      let answer = try apply(response)
      #expect(answer.headers[.eTag] == "W/\"v\"" && answer.headers[.acceptRanges] == nil)
      #expect(answer.headers[.vary] == "Cookie, Accept-Encoding")
      #expect(try apply(response, accepting: nil).headers[.eTag] == "\"v\"")
      let unchanged = try apply(Response(status: .notModified, headers: [.eTag: "\"v\""]))
      #expect(unchanged.headers[.eTag] == "W/\"v\"" && unchanged.headers[.vary] == "Accept-Encoding")
      // What was sent as it is, a picture or to a client that takes no coding, keeps its tag.
      for (sent, shown) in [("\"v\"", "\"v\""), ("W/\"v\"", "W/\"v\""), ("\"x\", \"v\"", "\"v\"")] {
        let request = try Request(.get, "/", headers: [.acceptEncoding: "gzip", .ifNoneMatch: sent])
        let answer = Compression().applied(to: Response(status: .notModified, headers: [.eTag: "\"v\""]), for: request)
        #expect(answer.headers[.eTag] == shown, "after \(sent)")
      }
      let plain = try apply(Response(status: .notModified, headers: [.eTag: "\"v\""]), accepting: nil)
      #expect(plain.headers[.eTag] == "\"v\"")
    }

    @Test func headHasTheFieldsOfGet() throws {
      let head = try apply(Response(text), method: .head)
      #expect(
        head.headers[.contentEncoding] == "gzip" && head.headers[.vary] == "Accept-Encoding" && head.body.count == nil)
    }

    @Test func whatComesBeyondTheBoundIsSentAsItIs() throws {
      let megabytes = Compression.maximumMemory >> 20
      var held: [Response] = []
      func hold(_ count: Int, accepting: String) throws {
        for _ in 0..<count {
          held.append(
            try apply(
              Response(contentType: "text/plain", body: .stream(StreamedBody { try $0.write("a") })),
              accepting: accepting))
        }
      }
      func count(_ coding: String?) -> Int { held.count { $0.headers[.contentEncoding] == coding } }
      try hold(4 * megabytes + 3, accepting: "gzip")
      #expect(count("gzip") == 4 * megabytes && count(nil) == 3)
      held = []
      // One that takes less goes on for a while.
      try hold(megabytes - 1, accepting: "br")
      try hold(6, accepting: "br, gzip;q=0.5")
      #expect(count("br") == megabytes && count("gzip") == 0 && count(nil) == 5)
      held.removeLast(6)
      try hold(1, accepting: "zstd")
      try hold(4, accepting: "br, gzip;q=0.5")
      #expect(count("br") == megabytes - 1 && count("zstd") == 1 && count("gzip") == 2 && count(nil) == 2)
      held = []
      #expect(try apply(Response(text)).headers[.contentEncoding] == "gzip")
    }
  }
}

import Glibc
import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// What a client sends, as our own server understands it.
@Suite(.bounded) struct RequestTests {
  private struct Note: Codable, Equatable {
    var id: Int
    var title: String
  }

  @Test func everyMethodIsSentWithItsBody() throws {
    try onHub {
      try withServer(Handler.echo) { url, _ throws in
        let client = HTTPClient()
        #expect(try client.get(url + "/a?b=c").text() == "GET /a?b=c ")
        #expect(try client.post(url, body: .text("täxt")).text() == "POST / täxt")
        #expect(try client.put(url + "/x", body: .bytes(Array("bytes".utf8))).text() == "PUT /x bytes")
        #expect(
          try client.patch(url, body: .json(Note(id: 1, title: "a/b"))).text() == #"PATCH / {"id":1,"title":"a/b"}"#)
        #expect(try client.delete(url + "/7").text() == "DELETE /7 ")
        #expect(
          try client.post(url, form: ["name": "Ada & Eve", "é": "1+1=2"]).text()
            == "POST / name=Ada+%26+Eve&%C3%A9=1%2B1%3D2")
        #expect(
          try client.send(HTTPClientRequest(.options, url + "/?x", query: ["a b": "c/d"])).text()
            == "OPTIONS /?x&a%20b=c%2Fd ")
        let head = try client.head(url + "/long")
        #expect(try head.status == .ok && head.headers[.contentLength] == "11" && head.text() == "")
      }
    }
  }

  @Test func fieldsAreSentAndReceived() throws {
    try onHub {
      let application = Handler { request in
        let names: [HTTPField.Name] = [.userAgent, .accept, .contentType, .contentLength, .cookie, .connection]
        let told = names.map { request.header($0) ?? "-" }.joined(separator: "|")
        return Response(
          status: .created, headers: [.setCookie: "a=1", .init("X-Told")!: told],
          body: .string(request.authority ?? "-"))
      }
      try withServer(application) { url, _ throws in
        let client = HTTPClient()
        let answer = try client.post(url, body: .text("hi", contentType: "text/markdown"), headers: [.cookie: "x=y"])
        #expect(answer.headers[.init("X-Told")!] == "greenfinch|*/*|text/markdown|2|x=y|-")
        #expect(answer.headers[.setCookie] == "a=1" && answer.status == .created && answer.version == .http1_1)
        #expect(try answer.text() == String(url.dropFirst(7)) && answer.url == url + "/")
        let other = try client.get(url, headers: [.userAgent: "me", .init("Host")!: "other.example"])
        #expect(other.headers[.init("X-Told")!] == "me|*/*|-|-|-|-")
        #expect(try other.text() == "other.example")
      }
    }
  }

  @Test func bodiesGoBothWaysInPieces() throws {
    try onHub {
      let application = Handler { request in
        let length = request.header(.contentLength) ?? request.header(.transferEncoding) ?? "-"
        return Response(
          body: .stream(
            StreamedBody(trailers: [.init("X-Sum")!]) { body in
              try body.write(length)
              while case let piece = try request.body.read(upTo: 10_000), !piece.isEmpty { try body.write(piece) }
              try body.setTrailer(.init("X-Sum")!, request.trailers[.init("X-Sum")!] ?? "none")
            }))
      }
      try withServer(application) { url, _ throws in
        let client = HTTPClient()
        let large = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        let answer = try client.post(url, body: .bytes(large))
        #expect(try answer.bytes() == Array("3000000".utf8) + large)
        #expect(answer.body.trailers[.init("X-Sum")!] == "none")
        let chunked = try client.post(
          url,
          body: .stream(
            StreamedBody(trailers: [.init("X-Sum")!]) { body in
              for piece in stride(from: 0, to: large.count, by: 7_777) {
                try body.write(Array(large[piece..<min(piece + 7_777, large.count)]))
              }
              try body.setTrailer(.init("X-Sum")!, "7")
            }))
        #expect(try chunked.bytes() == Array("chunked".utf8) + large)
        #expect(chunked.body.trailers[.init("X-Sum")!] == "7")
        let sized = try client.put(url, body: .stream(length: 4) { try $0.write("four") })
        #expect(try sized.text() == "4four")
        #expect(throws: BodyLengthError.self) {
          try client.put(url, body: .stream(length: 4) { try $0.write("three") })
        }
      }
    }
  }

  @Test func aFileIsSentAsItIs() throws {
    let file = "/tmp/greenfinch-upload-\(UInt64.random(in: 0 ... .max))"
    let descriptor = try FileDescriptor.open(file, .writeOnly, options: [.create], permissions: .ownerReadWrite)
    let content = [UInt8]((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) })
    try descriptor.closeAfter { _ = try descriptor.writeAll(content) }
    defer { unlink(file) }
    try onHub {
      try withServer(Handler { Response(try $0.body.bytes(), contentType: $0.header(.contentType) ?? "-") }) {
        url, _ throws in
        let client = HTTPClient()
        let answer = try client.put(url, body: .file(file, contentType: "image/png"))
        #expect(try answer.bytes() == content && answer.headers[.contentType] == "image/png")
        #expect(throws: Errno.noSuchFileOrDirectory) { try client.put(url, body: .file(file + "-no")) }
      }
    }
  }

  @Test func whatCannotBeSentIsRefused() throws {
    let client = HTTPClient()
    let requests: [HTTPClientRequest] = [
      HTTPClientRequest(.connect, "http://127.0.0.1:1"),
      HTTPClientRequest(.get, "http://127.0.0.1:1", headers: [.contentLength: "7"]),
      HTTPClientRequest(.get, "http://127.0.0.1:1", headers: [.transferEncoding: "chunked"]),
      HTTPClientRequest(.get, "http://127.0.0.1:1", headers: [.connection: "Upgrade"]),
      HTTPClientRequest(.get, "http://127.0.0.1:1", headers: [.init("Host")!: "a b"]),
      HTTPClientRequest(.post, "http://127.0.0.1:1", body: .text("", contentType: "text/plain\r\nX: y")),
      HTTPClientRequest(
        .get, "http://127.0.0.1:1",
        headers: HTTPFields([HTTPField(name: .accept, lenientValue: Array("a\u{1}b".utf8))])),
    ]
    for request in requests {
      #expect {
        try client.send(request)
      } throws: { error in
        if case HTTPClientError.invalidRequest = error { true } else { false }
      }
    }
    #expect(throws: HTTPClientError.self) { try client.get("http://127.0.0.1:1/a\r\nX: y") }
    #expect(throws: HTTPClientError.withoutTLS("https://127.0.0.1:1/")) { try client.get("https://127.0.0.1:1") }
  }

  @Test func itWorksOnAThreadAndOverAUnixSocket() throws {
    let path = "/tmp/greenfinch-client-\(UInt64.random(in: 0 ... .max)).sock"
    try onHub {
      let server = HTTPServer(
        try Listener.bind(SocketAddress(unixPath: path)!), application: Handler.echo, configuration: .patient)
      try server.start()
      let escaped = path.split(separator: "/").map { "%2F" + $0 }.joined()
      let text = try offload {
        let client = HTTPClient()
        return try (0..<3).map { _ in
          try client.post("http+unix://\(escaped)/x", body: .text("1")).text()
        }.joined()
      }
      #expect(text == "POST /x 1POST /x 1POST /x 1")
      try server.stop()
    }
    unlink(path)
  }
}

import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// RFC 9110, 15.4.
@Suite(.bounded) struct RedirectTests {
  /// `/STATUS/path` leads to `/path`, all else is told.
  private static let application = Handler { request in
    let parts = request.rawPath.split(separator: "/", maxSplits: 1)
    if let status = Int(parts.first ?? ""), (300..<400).contains(status) {
      return Response(
        status: .init(code: status), headers: [.location: "/\(parts.count > 1 ? parts[1] : "")"], body: .string("moved")
      )
    }
    let fields = [HTTPField.Name.authorization, .cookie, .contentType].map { request.header($0) ?? "-" }
    return Response("\(request.method) \(request.target) \(fields.joined(separator: " ")) \(try request.body.text())")
  }

  @Test(arguments: [
    (301, "POST", "GET /x - - - "), (302, "POST", "GET /x - - - "), (303, "POST", "GET /x - - - "),
    (303, "PUT", "GET /x - - - "),
    (307, "POST", "POST /x - - text/plain; charset=utf-8 body"),
    (308, "POST", "POST /x - - text/plain; charset=utf-8 body"),
    (301, "PUT", "PUT /x - - text/plain; charset=utf-8 body"),
    (302, "DELETE", "DELETE /x - - text/plain; charset=utf-8 body"),
  ])
  func theMethodIsRewrittenWhereItMustBe(_ status: Int, _ method: String, _ told: String) throws {
    try onHub {
      try withServer(Self.application) { url, server throws in
        let request = HTTPClientRequest(.init(method)!, "\(url)/\(status)/x", body: .text("body"))
        let answer = try client().send(request)
        #expect(try answer.text() == told && answer.url == url + "/x")
        #expect(server.openConnections == 1, "what the redirect says is read")
      }
    }
  }

  @Test func theyAreFollowedAsOftenAsAllowed() throws {
    try onHub {
      try withServer(Self.application) { url, _ throws in
        let path = String(repeating: "/302", count: 10)
        #expect(try client().get(url + path + "/end").text() == "GET /end - - - ")
        #expect(throws: HTTPClientError.tooManyRedirects(limit: 10)) { try client().get(url + path + "/302/end") }
        let unled = try client { $0.maximumRedirects = 0 }.get(url + "/307/end")
        #expect(try unled.status.code == 307 && unled.text() == "moved" && unled.headers[.location] == "/end")
        #expect(try client().get(url + "/304/end").status.code == 304)
        #expect(throws: HTTPClientError.bodyIsGone) {
          try client().post(url + "/307/x", body: .stream { try $0.write("x") })
        }
        #expect(try client().post(url + "/303/x", body: .stream { try $0.write("x") }).text() == "GET /x - - - ")
      }
      try withRawServer({ connection in
        while try connection.head() != "" {
          try connection.send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        }
      }) { url throws in
        #expect(throws: HTTPClientError.tooManyRedirects(limit: 10)) { try client().get(url) }
      }
    }
  }

  @Test func whatIsForOneOriginIsNotToldToAnother() throws {
    try onHub {
      try withServer(Self.application) { there, _ throws in
        let here = Handler { request in
          Response(status: .temporaryRedirect, headers: [.location: request.rawPath == "/near" ? "/far" : there + "/x"])
        }
        try withServer(here) { url, _ throws in
          let secrets: HTTPFields = [.authorization: "Bearer t", .cookie: "a=b", .contentType: "a/b"]
          #expect(try client().get(url + "/near", headers: secrets).text() == "GET /x - - a/b ")
        }
        let kept = try client().get(there + "/302/x", headers: [.authorization: "Bearer t", .cookie: "a=b"])
        #expect(try kept.text() == "GET /x Bearer t a=b - ")
      }
    }
  }

  @Test(arguments: [
    "ftp://a/", "javascript:alert(1)", "http://", "http+unix://%2Frun%2Fdocker.sock/", "http://a:b@c/", "//",
  ])
  func noneLeadsWhereNobodyCanAsk(_ place: String) throws {
    try onHub {
      try withServer(Handler { _ in Response(status: .found, headers: [.location: place]) }) { url, _ throws in
        #expect {
          try client().get(url)
        } throws: { error in
          if case HTTPClientError.invalidRedirect(place, _) = error { true } else { false }
        }
      }
    }
  }
}

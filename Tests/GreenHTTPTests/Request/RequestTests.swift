import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct RequestTests {
  /// What `read` makes of a request.
  private func with(_ head: String, _ read: @escaping @Sendable (Request) -> String) -> String {
    serve(head, with: Handler { Response(read($0)) }).first?.body ?? ""
  }

  @Test func targetPathAndQueryAreTold() {
    let text = with("GET /a%20b/%C3%A9?q=%20&r HTTP/1.1\r\nHost: h:80\r\n\r\n") {
      "\($0.method)|\($0.target)|\($0.rawPath)|\($0.path)|\($0.rawQuery ?? "-")|\($0.version)|\($0.authority ?? "-")"
    }
    #expect(text == "GET|/a%20b/%C3%A9?q=%20&r|/a%20b/%C3%A9|/a b/é|q=%20&r|HTTP/1.1|h:80")
  }

  @Test func anEmptyQueryIsNotNoQuery() {
    #expect(with("GET /? HTTP/1.1\r\nHost: h\r\n\r\n") { "[\($0.rawQuery ?? "-")]" } == "[]")
    #expect(with("GET / HTTP/1.1\r\nHost: h\r\n\r\n") { "[\($0.rawQuery ?? "-")]" } == "[-]")
  }

  @Test func anAbsoluteTargetTellsTheHost() {
    let read: @Sendable (Request) -> String = { "\($0.authority ?? "-") \($0.rawPath) \($0.rawQuery ?? "-")" }
    #expect(with("GET http://x.y:8/a?b HTTP/1.1\r\nHost: h\r\n\r\n", read) == "x.y:8 /a b")
    #expect(with("GET HTTPS://x HTTP/1.1\r\nHost: h\r\n\r\n", read) == "x / -")
    #expect(with("GET http://[::1]:8?b HTTP/1.1\r\nHost: h\r\n\r\n", read) == "[::1]:8 / b")
    #expect(with("GET / HTTP/1.0\r\n\r\n", read) == "- / -")
  }

  @Test func theAsteriskIsAPathForOptions() {
    #expect(with("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n") { "\($0.method) \($0.path)" } == "OPTIONS *")
  }

  @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "X"])
  func methodsAreTold(name: String) {
    nonisolated(unsafe) var method = ""
    _ = with("\(name) / HTTP/1.1\r\nHost: h\r\n\r\n") {
      method = $0.method.rawValue
      return ""
    }
    #expect(method == name)
  }

  @Test func headersAreFoundInAnyCaseAndJoined() {
    let head =
      "GET / HTTP/1.1\r\nhOST: h\r\naccept:  a \t\r\nAccept: b\r\nCookie: c=1\r\nCookie: d=2\r\nX-Empty:\r\n\r\n"
    let text = with(head) {
      [$0.header(.accept), $0.header(.cookie), $0.header(.eTag), $0.header(HTTPField.Name("x-empty")!)]
        .map { $0 ?? "-" }.joined(separator: "|")
    }
    #expect(text == "a, b|c=1; d=2|-|")
  }

  @Test func allHeadersAreToldInOrder() {
    let head = "GET / HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-a: é\r\nX-b: 2\r\n\r\n"
    #expect(
      with(head) { "\($0.rawHeaders.map { $0.name + "=" + $0.value })" }
        == "[\"Host=h\", \"X-B=1\", \"x-a=é\", \"X-b=2\"]")
    #expect(with(head) { "\($0.headers[values: HTTPField.Name("x-b")!])" } == "[\"1\", \"2\"]")
  }

  @Test func parametersAreRequiredByType() throws {
    var parameters = Parameters()
    parameters.append(name: "id", value: "7x")
    parameters.append(name: "n", value: "8")
    #expect(try parameters.require("n", as: Int.self) == 8)
    #expect(parameters["m"] == nil)
    let error = #expect(throws: HTTPError.self) { try parameters.require("id", as: Int.self) }
    #expect(error?.status == .badRequest)
    #expect(error?.message == "parameter 'id' is '7x', which is not a valid Int")
    #expect(throws: HTTPError(.internalServerError, "the route has no parameter 'm'")) {
      try parameters.require("m", as: Int.self)
    }
  }

  @Test func percentEncodingIsDecodedStrictlyOrLeniently() {
    func decode(_ text: String) -> (String?, String) {
      Array(text.utf8).withUnsafeBytes { (PercentEncoding.decoded($0), PercentEncoding.decodedLeniently($0)) }
    }
    #expect(decode("a%2fb%2F") == ("a/b/", "a/b/"))
    #expect(decode("a+b") == ("a+b", "a+b"))
    #expect(decode("%") == (nil, "%"))
    #expect(decode("%2") == (nil, "%2"))
    #expect(decode("%zz%41") == (nil, "%zzA"))
    #expect(decode("%ff") == (nil, "\u{fffd}"))
  }
}

import GreenHTTP
import SuiteSupport
import Testing

/// What proxies say of a request, and who is believed.
@Suite(.bounded) struct ForwardingTests {
  private static let tell = Handler { request in
    Response("\(request.client) \(request.scheme) \(request.host ?? "-") \(request.rootPath)")
  }

  /// What a request with these fields is taken for; the status where it is refused.
  private func told(_ fields: [String], trusting list: String = "127.0.0.1,10.0.0.0/8") throws -> String {
    let head = "GET / HTTP/1.1\r\nHost: own\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    var configuration = HTTPConfiguration()
    configuration.proxies.forwardedFrom = try #require(TrustedPeers(list))
    let whole = serve(head, with: Self.tell, configuration: configuration)
    for seed in [nil, 1, 2] as [UInt64?] {
      let pieces = serve(
        ScriptedStream.pieces(Array(head.utf8), seed: seed), with: Self.tell, configuration: configuration)
      #expect(pieces == whole, "in pieces by \(seed.map { "\($0)" } ?? "bytes")")
    }
    let answer = try #require(whole.first)
    return answer.status == 200 ? answer.body : "\(answer.status)"
  }

  @Test(
    arguments: [
      ([], "127.0.0.1 http own "),
      (["X-Forwarded-For: 203.0.113.7"], "203.0.113.7 http own "),
      (["x-forwarded-for: 203.0.113.7:5000"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 2001:DB8::1"], "2001:db8::1 http own "),
      (["X-Forwarded-For: [2001:db8::1]:443"], "2001:db8::1 http own "),
      (["X-Forwarded-For: unknown"], "unknown http own "),
      (["X-Forwarded-For: 6.6.6.6, 203.0.113.7"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.1, 10.0.0.2"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.7,10.0.0.1"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 10.0.0.3, 10.0.0.1"], "10.0.0.3 http own "),
      (["X-Forwarded-For: made up, 203.0.113.7"], "203.0.113.7 http own "),
      // What joins a comma to a character of its own.
      (["X-Forwarded-For: 6.6.6.6\u{600}, 203.0.113.7"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 6.6.6.6,\u{301}, 203.0.113.7"], "203.0.113.7 http own "),
      (["X-Forwarded-For: 6.6.6.6\u{600}", "X-Forwarded-For: 203.0.113.7"], "203.0.113.7 http own "),
      (["X-Forwarded-Proto: https"], "127.0.0.1 https own "),
      (["X-Forwarded-Proto: WSS"], "127.0.0.1 https own "),
      (["X-Forwarded-For: 6.6.6.6, 7.7.7.7, 10.0.0.1", "X-Forwarded-Proto: https, http, https"], "7.7.7.7 http own "),
      (
        ["X-Forwarded-For: 7.7.7.7, 10.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Proto: https"],
        "7.7.7.7 http own "
      ),
      (["X-Forwarded-Host: example.org"], "127.0.0.1 http example.org "),
      (["X-Forwarded-Host: example.org", "X-Forwarded-Port: 8443"], "127.0.0.1 http example.org:8443 "),
      (["X-Forwarded-Host: example.org:1", "X-Forwarded-Port: 8443"], "127.0.0.1 http example.org:1 "),
      (["X-Forwarded-Host: [::1]", "X-Forwarded-Port: 8443"], "127.0.0.1 http [::1]:8443 "),
      (["X-Forwarded-Host: example.org", "X-Forwarded-Port: 80"], "127.0.0.1 http example.org "),
      (["X-Forwarded-Host: example.org", "X-Forwarded-Port: 443"], "127.0.0.1 http example.org:443 "),
      (["X-Forwarded-Host: a", "X-Forwarded-Port: 443", "X-Forwarded-Proto: https"], "127.0.0.1 https a "),
      (["X-Forwarded-Prefix: /app/"], "127.0.0.1 http own /app"), (["X-Forwarded-Prefix: /"], "127.0.0.1 http own "),
      (["Forwarded: for=203.0.113.7;proto=https;host=example.org"], "203.0.113.7 https example.org "),
      ([#"Forwarded: For="[2001:db8::1]:4711"; Proto="https" ;by=_x"#], "2001:db8::1 https own "),
      (["Forwarded: for=_hidden"], "_hidden http own "), (["Forwarded: for=Unknown"], "unknown http own "),
      (["Forwarded: proto=https"], "127.0.0.1 https own "),
      (["Forwarded: for=6.6.6.6, for=203.0.113.7;host=a, for=10.0.0.1;host=b"], "203.0.113.7 http a "),
      (["Forwarded: for=6.6.6.6;proto=https", "Forwarded: for=203.0.113.7"], "203.0.113.7 http own "),
      (
        ["Forwarded: for=203.0.113.7", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Prefix: /a"],
        "203.0.113.7 http own /a"
      ),
      (["Forwarded: for=203.0.113.7", "X-Forwarded-Prefix: /a"], "203.0.113.7 http own /a"),
      (["X-Forwarded-Server: x", "X-Forwarded-Fro: y"], "127.0.0.1 http own "),
    ] as [([String], String)]) func `what trusted proxies say counts`(fields: [String], expected: String) throws
  {
    #expect(try told(fields) == expected)
  }

  @Test(arguments: [
    "X-Forwarded-For: ", "X-Forwarded-For: a", "X-Forwarded-For: made up, 10.0.0.1", "X-Forwarded-For: 1.2.3.4,",
    "X-Forwarded-For: ,10.0.0.1",
    "X-Forwarded-For: 1.2.3.4:99999", "X-Forwarded-For: [::1", "X-Forwarded-For: [1.2.3.4]",
    "X-Forwarded-For: 01.2.3.4",
    "X-Forwarded-For: _hidden", "X-Forwarded-For: for=1.2.3.4", "X-Forwarded-Proto: ftp", "X-Forwarded-Proto: ",
    "X-Forwarded-Proto: http, https", "X-Forwarded-Host: a b", "X-Forwarded-Host: ", "X-Forwarded-Host: a/b",
    "X-Forwarded-Host: a@b", "X-Forwarded-Host: a, b", "X-Forwarded-Port: 0", "X-Forwarded-Port: 65536",
    "X-Forwarded-Port: +1", "X-Forwarded-Prefix: app", "X-Forwarded-Prefix: //evil.example",
    "X-Forwarded-Prefix: /a/../b",
    "X-Forwarded-Prefix: /a?b", "X-Forwarded-Prefix: /%61", "X-Forwarded-Prefix: /a, /b", "Forwarded: ",
    "Forwarded: for",
    "Forwarded: for=", "Forwarded: for=1.2.3.4,", "Forwarded: for=1.2.3.4;", "Forwarded: for=1.2.3.4;for=1.2.3.5",
    "Forwarded: for =1.2.3.4", "Forwarded: for= 1.2.3.4", #"Forwarded: for="1.2.3.4"#, #"Forwarded: for="1.2.3.4"x"#,
    "Forwarded: for=::1", #"Forwarded: for="::1""#, #"Forwarded: for="[::1]x""#, "Forwarded: for=evil.example",
    "Forwarded: for=_", "Forwarded: for=1.2.3.4 for=1.2.3.5", "Forwarded: proto=ftp", #"Forwarded: host="a b""#,
    #"Forwarded: host="""#, "Forwarded: ;", "Forwarded: =a", #"Forwarded: for="\"#,
  ]) func `what a trusted proxy cannot have meant is refused`(field: String) throws {
    #expect(try told([field]) == "400")
    #expect(try told([field], trusting: "10.0.0.1") == "127.0.0.1 http own ", "and ignored of anybody else")
  }

  @Test(arguments: [
    ["Forwarded: for=6.6.6.6", "X-Forwarded-For: 203.0.113.7"],
    ["Forwarded: for=203.0.113.7;proto=https", "X-Forwarded-For: 203.0.113.7"],
    ["Forwarded: for=203.0.113.7", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"],
    ["Forwarded: host=evil.example", "X-Forwarded-Host: example.org"],
    ["Forwarded: proto=http", "X-Forwarded-Proto: https"],
    ["Forwarded: for=203.0.113.7", "X-Forwarded-Proto: https"],
  ]) func `fields that contradict each other are refused`(fields: [String]) throws {
    #expect(try told(fields) == "400")
  }

  @Test func `nobody else is believed`() throws {
    for list in ["", "10.0.0.0/8", "::1"] {
      #expect(
        try told(["X-Forwarded-For: 6.6.6.6", "Forwarded: for=7.7.7.7"], trusting: list) == "127.0.0.1 http own ")
    }
  }

  @Test func `one request says nothing of the next`() {
    let heads =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\r\n"
      + "GET / HTTP/1.1\r\nHost: b\r\n\r\n"
    #expect(serve(heads, with: Self.tell).map(\.body) == ["203.0.113.7 https a ", "127.0.0.1 http b "])
  }

  @Test func `thousands of proxies are read in a moment`() throws {
    let list = (0..<600).map { "10.0.\($0 / 256).\($0 % 256)" }.joined(separator: ",")
    #expect(try told(["X-Forwarded-For: 203.0.113.7," + list]) == "203.0.113.7 http own ")
  }
}

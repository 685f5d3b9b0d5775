import SuiteSupport
import Testing

@testable import GreenHTTPClient

@Suite(.bounded) struct URLTests {
  @Test(arguments: [
    ("http://example.org", "example.org", 80, "/", false), ("https://example.org/", "example.org", 443, "/", true),
    ("HTTP://EXAMPLE.org:8080/A?b#c", "example.org", 8080, "/A?b", false),
    ("http://[::1]:99?x=[1]", "::1", 99, "/?x=[1]", false),
    ("http://127.0.0.1/%20a/../b", "127.0.0.1", 80, "/%20a/../b", false),
    ("http://a_b-c.example/;p?q=@:/?", "a_b-c.example", 80, "/;p?q=@:/?", false),
  ])
  func whatIsAURL(_ text: String, _ host: String, _ port: Int, _ target: String, _ isSecure: Bool) throws {
    let url = try HTTPURL(text)
    #expect(url.host == host && url.port == port && url.target == target && url.isSecure == isSecure)
    #expect(try HTTPURL(url.text) == url)
  }

  @Test(arguments: [
    "", "http:", "http://", "http:///path", "ftp://example.org/", "//example.org", "example.org", "#http://a",
    "http://exa mple.org/", "http://example.org/a b", "http://example.org/\r\nX: y", "http://example.org/\u{0}",
    "http://exämple.org/", "http://example.org/ä", "http://user:secret@example.org/", "http://example.org:/",
    "http://example.org:65536/", "http://example.org:-1/", "http://example.org:80a/", "http://[::1/", "http://[zz]/",
    "http://[fe80::1%25eth0]/", "http://a%2eb/", "http://example.org/%", "http://example.org/%2",
    "http://example.org/%zz",
    "http://example.org/<a>", "http://example.org/\"", "http://example.org\\@evil.example/", "http://example.org/a\\b",
    "http://example.org/{}", "http+unix://", "http+unix://%2", "http+unix://%00/",
  ])
  func whatIsNone(_ text: String) {
    #expect {
      try HTTPURL(text)
    } throws: { error in
      if case HTTPClientError.invalidURL(text, _) = error { true } else { false }
    }
  }

  /// RFC 3986, 5.4.
  @Test(arguments: [
    ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d;p?y"), ("g?y", "/b/c/g?y"),
    ("#s", "/b/c/d;p?q"), ("g#s", "/b/c/g"), (";x", "/b/c/;x"), ("g;x=1/../y", "/b/c/y"), ("", "/b/c/d;p?q"),
    (".", "/b/c/"), ("./", "/b/c/"), ("..", "/b/"), ("../", "/b/"), ("../g", "/b/g"), ("../..", "/"), ("../../g", "/g"),
    ("../../../g", "/g"), ("/./g", "/g"), ("/../g", "/g"), ("g.", "/b/c/g."), ("..g", "/b/c/..g"), ("./../g", "/b/g"),
    ("./g/.", "/b/c/g/"), ("g/./h", "/b/c/g/h"), ("g/../h", "/b/c/h"), ("g?y/../x", "/b/c/g?y/../x"),
    ("ä b", "/b/c/%C3%A4%20b"),
  ])
  func referencesAreResolved(_ reference: String, _ target: String) throws {
    let url = try HTTPURL("http://a/b/c/d;p?q").resolving(reference)
    #expect(url.host == "a" && url.target == target)
  }

  @Test func referencesMayLeadElsewhere() throws {
    let base = try HTTPURL("https://a:444/b")
    #expect(try base.resolving("//g:1/x").text == "https://g:1/x")
    #expect(try base.resolving("http://g/../x?y#z").text == "http://g/x?y")
    #expect(try base.resolving("x").text == "https://a:444/x")
    for bad in [
      "mailto:a@b", "file:///etc/passwd", "http://", "http:/x", "//", "/\r\nX: y", "http://a@b/", "javascript:1",
    ] {
      #expect(throws: HTTPURL.Fault.self) { try base.resolving(bad) }
    }
    #expect(try HTTPURL("http+unix://%2Frun%2Fa/x/y").resolving("../z").text == "http+unix://%2Frun%2Fa/z")
  }
}

import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@testable import GreenHTTPClient

@Suite(.bounded) struct ProxyTests {
  /// RFC 9112, 3.2.2.
  @Test func aProxyIsAskedForTheWholeURL() throws {
    try onHub {
      try withServer(
        Handler { Response("\($0.target) \($0.authority ?? "-") \($0.header(.proxyAuthorization) ?? "-")") }
      ) { url, server throws in
        let client = client {
          $0.proxies = HTTPClientProxies(http: "ada:secret@" + url.dropFirst(7), exceptions: [".near.example"])
        }
        #expect(
          try client.get("http://far.example/a?b").text() == "http://far.example/a?b far.example Basic YWRhOnNlY3JldA=="
        )
        #expect(
          try client.get("http://other.example:81").text().hasPrefix("http://other.example:81/ other.example:81 "))
        #expect(server.openConnections == 1, "one connection to the proxy serves all")
        // Asked directly, without a word about the proxy.
        #expect(try client.get(url + "/x").text() == "/x \(url.dropFirst(7)) -")
      }
    }
  }

  @Test(arguments: [
    ("http://example.org/", ["example.org"], false), ("http://a.example.org/", ["example.org"], false),
    ("http://a.example.org/", [".example.org"], false), ("http://example.org/", [".example.org"], false),
    ("http://a.example.org/", ["*.example.org"], false), ("http://badexample.org/", ["example.org"], true),
    ("http://example.org.evil/", ["example.org"], true), ("http://example.org/", ["*"], false),
    ("http://example.org/", [], true),
    ("http://example.org:81/", ["example.org:81"], false), ("http://example.org/", ["example.org:81"], true),
    ("http://10.1.2.3/", ["10.0.0.0/8"], false), ("http://11.1.2.3/", ["10.0.0.0/8"], true),
    ("http://11.1.2.3/", ["11.1.2.3"], false),
    ("http://[2001:db8::1]/", ["2001:db8::/32"], false), ("http://localhost/", [], false),
    ("http://127.9.9.9/", [], false),
    ("http://[::1]:99/", [], false), ("http+unix://%2Frun%2Fa/", [], false),
    ("http://EXAMPLE.org/", ["Example.ORG"], false),
    ("http://example.org/", ["", "."], true),
  ])
  func whoIsAskedThroughIt(_ url: String, _ exceptions: [String], _ isProxied: Bool) throws {
    let proxies = HTTPClientProxies(http: "proxy.example:3128", exceptions: exceptions)
    let server = try proxies.server(for: HTTPURL(url))
    #expect(server == (isProxied ? try ProxyServer("proxy.example:3128") : nil))
    #expect(try proxies.server(for: HTTPURL("https://example.org/")) == nil)
  }

  @Test func whatIsAProxy() throws {
    let proxy = try ProxyServer("http://a%40b:c:d@[::1]:3128/")
    #expect(proxy.host == "::1" && proxy.port == 3128 && proxy.authorization == "Basic YUBiOmM6ZA==")
    #expect(try ProxyServer("proxy").port == 80 && ProxyServer("proxy:8080").authorization == nil)
    for text in ["", "https://proxy:1", "socks5://proxy:1", "http://", "a b:1", "proxy:x"] {
      #expect(throws: HTTPClientError.self) { try ProxyServer(text) }
    }
  }
}

import GreenHTTP
import SuiteSupport
import Testing

/// `uri-host [ ":" port ]` of RFC 9110, 7.2, in `Host` and in targets of absolute form.
@Suite(.bounded) struct AuthorityTests {
  static let right = [
    "a", "example.org", "example.org:80", "127.0.0.1:65535", "a.b-c_d~e:8080", "[::1]", "[::1]:8000", "%41b",
    "a!$&'()*+,;=",
    "[2001:db8::192.0.2.1]:0",
  ]
  static let wrong = [
    "[::1", "a:b", "h:99999", "::::", "%zz", "127.0.0.1:80:80", "a:", ":80", ":", "[]", "[::1]x", "[::1]:", "[::1]:x",
    "[::1]:65536", "[1::2::3]", "[::1%25eth0]", "]", "a]", "a[", "[", "%4", "%", "a:-1", "a:+1", "::1", "[127.0.0.1]",
    "a:000000000000000000000080",
  ]

  @Test(arguments: right) func isTaken(_ authority: String) {
    #expect(serve("GET / HTTP/1.1\r\nHost: \(authority)\r\n\r\n").map(\.status) == [200])
    #expect(serve("GET http://\(authority)/ HTTP/1.1\r\nHost: a\r\n\r\n").map(\.status) == [200])
  }

  @Test(arguments: wrong) func isRefused(_ authority: String) {
    #expect(serve("GET / HTTP/1.1\r\nHost: \(authority)\r\n\r\n").map(\.status) == [400])
    #expect(serve("GET http://\(authority)/ HTTP/1.1\r\nHost: a\r\n\r\n").map(\.status) == [400])
  }

  @Test func anEmptyHostIsForTargetsWithoutAnAuthority() {
    #expect(serve("GET / HTTP/1.1\r\nHost: \r\n\r\n").map(\.status) == [200])
    #expect(serve("GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n").map(\.status) == [400])
  }
}

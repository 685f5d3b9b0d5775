import SuiteSupport
import Testing

@testable import GreenWebSocket

/// RFC 6455, 1.3, 4 and 10.2; RFC 7692, 7.1.
@Suite(.bounded) struct HandshakeTests {
  @Test func theStandardsExampleOfAKey() {
    #expect(AcceptKey.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(AcceptKey.isValid("dGhlIHNhbXBsZSBub25jZQ=="))
    #expect(AcceptKey.isValid(AcceptKey.make()))
    for wrong in ["", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBs!SBub25jZQ==", "AAAA"] {
      #expect(!AcceptKey.isValid(wrong))
    }
  }

  @Test(arguments: [
    ("http://example.org", "example.org", true), ("https://Example.org:8443", "example.org:8443", true),
    ("http://example.org", "example.org:8000", false), ("http://evil.example", "example.org", false),
    ("null", "example.org", false), ("file://", "example.org", false), ("ftp://example.org", "example.org", false),
  ])
  func onlyPagesOfTheSameHostMay(origin: String, host: String, may: Bool) {
    #expect(WebSocketOrigins.same.allows(origin, host: host) == may)
    #expect(WebSocketOrigins.any.allows(origin, host: host))
    #expect(WebSocketOrigins.listed([origin.lowercased()]).allows(origin, host: host))
  }

  @Test func whatIsNoBrowserSendsNoOrigin() {
    #expect(WebSocketOrigins.same.allows(nil, host: "example.org"))
  }

  private func answer(_ offer: String, keepsContext: Bool = false) -> String? {
    CompressionAgreement.answer(offer, WebSocketCompression(keepsContext: keepsContext))?.field
  }

  @Test func compressionIsAgreedOnWhereItCanBe() {
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    #expect(answer("permessage-deflate") == both)
    #expect(answer("Permessage-Deflate; client_max_window_bits") == both)
    #expect(answer("permessage-deflate", keepsContext: true) == "permessage-deflate")
    #expect(
      answer("permessage-deflate; server_no_context_takeover", keepsContext: true)
        == "permessage-deflate; server_no_context_takeover")
    #expect(answer("permessage-deflate; server_max_window_bits=10") == both + "; server_max_window_bits=10")
    #expect(answer("permessage-deflate; server_max_window_bits=\"10\"") == both + "; server_max_window_bits=10")
    #expect(answer("foo, permessage-deflate; x=1, permessage-deflate") == both, "the first that can be met")
    #expect(answer("foo\u{600}, permessage-deflate") == both, "by bytes")
  }

  @Test(arguments: [
    "", "foo", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=010",
    "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_max_window_bits=99",
    "permessage-deflate;;=", "permessage deflate",
  ])
  func anOfferThatCannotBeMetIsPassedOver(offer: String) {
    #expect(answer(offer) == nil)
  }

  @Test func aClientTakesOnlyWhatItOffered() {
    let plain = WebSocketCompression()
    let keeping = WebSocketCompression(keepsContext: true)
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    #expect(CompressionAgreement.accept(both, plain)?.receivesWithContext == false)
    #expect(CompressionAgreement.accept("permessage-deflate", plain) == nil)
    #expect(CompressionAgreement.accept("permessage-deflate", keeping)?.receivesWithContext == true)
    #expect(CompressionAgreement.accept("permessage-deflate; client_max_window_bits=9", keeping)?.sendWindow == 9)
    #expect(CompressionAgreement.accept("permessage-deflate; client_max_window_bits=8", keeping) == nil)
    #expect(CompressionAgreement.accept("foo", keeping) == nil)
    #expect(CompressionAgreement.accept("permessage-deflate, permessage-deflate", keeping) == nil)
  }

  @Test(arguments: [
    ("ws://a", "a", 80, "/"), ("ws://a:8000/x?y=z", "a", 8000, "/x?y=z"), ("WS://[::1]:9/", "::1", 9, "/"),
    ("ws://[::1]", "::1", 80, "/"), ("wss://a/b", "a", 443, "/b"), ("ws://a?q", "a", 80, "/?q"),
  ])
  func urls(text: String, host: String, port: UInt16, target: String) throws {
    let url = try WebSocketURL(text)
    #expect(url.host == host && url.port == port && url.target == target)
    // What it says of itself leads to the same place.
    #expect(try WebSocketURL((url.isSecure ? "wss://" : "ws://") + url.authority + url.target) == url)
  }

  @Test(arguments: [
    "", "http://a", "ws://", "ws://:80", "ws://a:0", "ws://a:65536", "ws://a:", "ws://a:x", "ws://u@a",
    "ws://a#f",
    "ws://[::1", "ws://a b", "ws://a\r\nX: y", "ws://[::1]x", "ws://::1", "ws://2001:db8::1/",
  ])
  func whatIsNotAURL(text: String) {
    #expect(throws: WebSocketURLError.self) { try WebSocketURL(text) }
  }
}

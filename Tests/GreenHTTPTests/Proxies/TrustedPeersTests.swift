import SuiteSupport
import Testing

@testable import GreenHTTP

@Suite(.bounded) struct TrustedPeersTests {
  @Test(arguments: [
    ("127.0.0.1,::1", "127.0.0.1:1", true), ("127.0.0.1,::1", "[::1]:1", true), ("127.0.0.1,::1", "127.0.0.2:1", false),
    ("127.0.0.1,::1", "unix:", true), ("127.0.0.1", "unix:/run/a", true), ("", "unix:", false),
    ("", "127.0.0.1:1", false),
    ("*", "unix:", true), ("*", "[2001:db8::1]:1", true), ("*", "unknown", true), ("10.0.0.0/8", "10.255.0.1:1", true),
    ("10.0.0.0/8", "11.0.0.1:1", false), ("10.0.0.0/8", "[::ffff:10.0.0.1]:1", true), ("0.0.0.0/0", "1.2.3.4:1", true),
    ("0.0.0.0/0", "[2001:db8::1]:1", false), ("::/0", "1.2.3.4:1", false), ("::/0", "[2001:db8::1]:1", true),
    ("2001:db8::/33", "[2001:db8:7fff::1]:1", true), ("2001:db8::/33", "[2001:db8:8000::1]:1", false),
    ("10.0.0.1/32", "10.0.0.1:1", true), (" 10.0.0.1 , ::1 ", "[::1]:1", true), ("10.0.0.1", "unknown", false),
    ("10.0.0.1", "", false), ("10.0.0.1", "server:80", false),
  ]) func `who is trusted`(list: String, peer: String, expected: Bool) throws {
    let peers = try #require(TrustedPeers(list))
    #expect(peers.trusts(peer: peer) == expected)
    #expect(TrustedPeers(peers.description) == peers)
  }

  @Test(arguments: [
    "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08x", "::1/129", "2001:db8::1/64", "localhost",
    "10.0.0", "127.1", "10.0.0.1:80", "[::1]", "10.0.0.1;10.0.0.2",
  ]) func `what is not a list of addresses`(list: String) { #expect(TrustedPeers(list) == nil) }
}

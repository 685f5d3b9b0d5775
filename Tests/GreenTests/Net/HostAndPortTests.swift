import SuiteSupport
import Testing

@testable import Green

@Suite(.bounded) struct HostAndPortTests {
  @Test(arguments: [
    ("example.org", "example.org:80"), ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"),
    ("fe80::1%1", "[fe80::1%1]:80"),
  ])
  func anAddressOfIPv6IsInBrackets(_ host: String, _ text: String) {
    #expect(HostAndPort.text(host, 80) == text)
    #expect(HostAndPort.bracketed(host) + ":80" == text)
    if let address = SocketAddress(host: host, port: 80) { #expect(address.description == text) }
  }
}

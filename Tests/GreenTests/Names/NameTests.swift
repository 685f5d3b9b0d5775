import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct SocketAddressTests {
  @Test(arguments: [
    ("127.0.0.1", UInt16(80), "127.0.0.1:80"), ("::1", 8000, "[::1]:8000"), ("fe80::1%1", 1, "[fe80::1%1]:1"),
  ])
  func anAddressReadsBackAsItWasWritten(_ host: String, _ port: UInt16, _ text: String) {
    #expect(SocketAddress(host: host, port: port)?.description == text)
    #expect(SocketAddress(host: host, port: port)?.port == port)
  }

  @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "fe80::1%nosuchdevice"])
  func whatIsNoAddressIsNone(_ host: String) { #expect(SocketAddress(host: host, port: 1) == nil) }

  @Test func aUnixPathHasALimit() {
    #expect(SocketAddress(unixPath: "/tmp/x")?.description == "unix:/tmp/x")
    #expect(SocketAddress(unixPath: "@x")?.description == "unix:@x")
    #expect(SocketAddress(unixPath: String(repeating: "x", count: 107)) != nil)
    #expect(SocketAddress(unixPath: String(repeating: "x", count: 108)) == nil)
    #expect(SocketAddress(unixPath: "") == nil)
  }
}

@Suite(.bounded) struct ResolverTests {
  @Test func localhostIsLoopbackInAFiberAndOnAThread() throws {
    for addresses in [
      try onHub { try Resolver.addresses(of: "localhost", port: 80) },
      try onThread { try Resolver.addresses(of: "localhost", port: 80) },
    ] {
      let hosts = addresses.map(\.host)
      #expect(hosts.contains("127.0.0.1") || hosts.contains("::1"), "\(hosts)")
      #expect(addresses.allSatisfy { $0.port == 80 })
    }
  }

  @Test func anAddressIsItsOwnAnswer() throws {
    #expect(try onHub { try Resolver.addresses(of: "10.1.2.3", port: 5) }.map(\.description) == ["10.1.2.3:5"])
  }

  @Test func aNameThatCannotBeIsNotFound() throws {
    try onHub {
      #expect(throws: ResolverError.self) { try Resolver.addresses(of: "", port: 1) }
      #expect(throws: ResolverError.self) {
        try Resolver.addresses(of: "no such host", port: 1, until: .after(.seconds(5)))
      }
    }
  }
}

import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Proxies in front: the configurations of Examples/proxies with the programs that they are for, and the PROXY protocol.
@Suite(.serialized, .bounded) struct ProxyTests {
  private static let spoofed = """
    X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 1\r\n\
    X-Forwarded-Prefix: /evil\r\nForwarded: for=6.6.6.6;proto=https;host=evil.example\r\n
    """

  private func ask(_ port: UInt16, _ path: String) throws -> String {
    try Client(port: port).exchange("GET \(path) HTTP/1.1\r\nHost: example.org\r\n\(Self.spoofed)\r\n").body
  }

  @Test(.enabled(if: Proxy.has("nginx")), arguments: everyClass, [true, false])
  func nginxTellsForWhomItAsks(_ arguments: [String], _ isUnix: Bool) throws {
    let path = "/tmp/greenfinch-proxied-\(UUID().uuidString).sock"
    defer { unlink(path) }
    let server = try Server("app", arguments, bind: isUnix ? "unix:\(path)" : nil)
    let proxy = try Proxy.nginx(to: isUnix ? "unix:\(path)" : "127.0.0.1:\(server.port)")
    #expect(try ask(proxy.port, "/who") == "127.0.0.1 http example.org")
    #expect(try ask(proxy.port, "/app/who") == "127.0.0.1 http example.org/app")
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: Proxy.has("haproxy")), arguments: everyClass, [true, false])
  func haproxyTellsForWhomItAsks(_ arguments: [String], _ isUnix: Bool) throws {
    let path = "/tmp/greenfinch-proxied-\(UUID().uuidString).sock"
    defer { unlink(path) }
    let server = try Server("app", arguments, bind: isUnix ? "unix:\(path)" : nil)
    let bytes = try Server("app", arguments + ["--proxy-protocol=v2"], waits: false)
    // The proxy tries a few times only.
    #expect(bytes.logged("Booting worker"), "\(bytes.log)")
    let proxy = try Proxy.haproxy(
      to: isUnix ? "unix@\(path)" : "127.0.0.1:\(server.port)", bytesTo: "127.0.0.1:\(bytes.port) send-proxy-v2")
    #expect(try ask(proxy.port, "/who") == "127.0.0.1 http example.org")
    let client = try Client(port: proxy.bytesPort)
    #expect(try client.get("/remote").body == client.address, "the client's own, and not the proxy's")
    #expect(server.stop() == 0 && bytes.stop() == 0)
  }

  /// HAProxy says by a header of the PROXY protocol, of either version, for whom it connects to a Unix socket: where it
  /// understands HTTP, and where it passes bytes on.
  @Test(.enabled(if: Proxy.has("haproxy")), arguments: everyClass, ["v1", "v2"])
  func haproxyTellsForWhomItConnectsToAUnixSocket(_ arguments: [String], _ version: String) throws {
    let path = "/tmp/greenfinch-proxied-\(UUID().uuidString).sock"
    defer { unlink(path) }
    let server = try Server(
      "app", arguments + ["--proxy-protocol=\(version)", "--forwarded-allow-ips", "10.0.0.0/8"],
      bind: "unix:\(path)")
    let address = "unix@\(path) \(version == "v1" ? "send-proxy" : "send-proxy-v2")"
    let proxy = try Proxy.haproxy(to: address, bytesTo: address)
    let body = String(repeating: "b", count: 200_000)
    for port in [proxy.port, proxy.bytesPort] {
      // Each client is itself, whatever connections the proxy keeps.
      for _ in 0..<3 {
        let client = try Client(port: port)
        #expect(try client.get("/remote").body == client.address)
      }
      // Whoever connects to a Unix socket is believed; the client, in whose place the proxy does so, is not.
      #expect(try ask(port, "/who") == "127.0.0.1 http example.org")
      let post = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      #expect(try Client(port: port).exchange(post).body == body)
    }
    #expect(!server.log.contains("Invalid connection"), "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func aConnectionBeginsWithItsProxyHeader(_ arguments: [String]) throws {
    let log = "/tmp/greenfinch-proxied-\(getpid()).log"
    defer { unlink(log) }
    let server = try Server("app", arguments + ["--proxy-protocol", "--access-logfile", log], waits: false)
    try server.waitUntil("a worker") { server.logged("Booting worker") }
    let header = "PROXY TCP4 203.0.113.7 198.51.100.2 40312 443\r\n"
    for pieces in [[header], header.map(String.init), [String(header.prefix(20)), String(header.dropFirst(20))]] {
      let client = try Client(port: server.port)
      for piece in pieces { try client.send(Array(piece.utf8)) }
      #expect(try client.get("/remote").body == "203.0.113.7:40312")
    }
    let forwarded = "GET /who HTTP/1.1\r\nHost: own\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"
    #expect(try Client(port: server.port).exchange(header + forwarded).body == "203.0.113.7 http own")
    #expect(try Client(port: server.port).exchange("PROXY UNKNOWN\r\n" + forwarded).body == "6.6.6.6 http own")
    try server.waitUntil("the line of the access log") {
      try String(contentsOfFile: log, encoding: .utf8).contains("203.0.113.7 - - [")
    }

    let wrong = try Client(port: server.port)
    try wrong.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
    #expect(try !wrong.receivesSomething(within: 5000) || wrong.isGone())
    #expect(server.logged("Invalid connection from ip=127.0.0.1: the connection does not begin with a PROXY header"))
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func whoMayNotSendAProxyHeaderIsServedWithout(_ arguments: [String]) throws {
    let server = try Server("app", arguments + ["--proxy-protocol", "--proxy-allow-from", "10.0.0.0/8"])
    #expect(try get(server.port, "/who").body == "127.0.0.1 http test")
    #expect(try Client(port: server.port).exchange("PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n\r\n").status == 400)
    #expect(server.stop() == 0)
  }

  @Test func silentConnectionsHoldNoneThatSpeak() throws {
    let server = try Server("app", ["-k", "thread", "--threads", "2", "--proxy-protocol"], waits: false)
    try server.waitUntil("a worker") { server.logged("Booting worker") }
    let silent = try (0..<20).map { _ in try Client(port: server.port) }
    #expect(
      try Client(port: server.port).exchange("PROXY UNKNOWN\r\nGET /who HTTP/1.1\r\nHost: own\r\n\r\n").status == 200)
    #expect(silent.count == 20)
    #expect(server.stop() == 0)
  }

  @Test func nobodyIsBelievedWhoIsNotListed() throws {
    let server = try Server(["-k", "green"], environment: ["FORWARDED_ALLOW_IPS": "10.0.0.0/8"])
    #expect(try ask(server.port, "/who") == "127.0.0.1 http example.org")
    let other = try Server(["-k", "green", "--forwarded-allow-ips", "*"])
    #expect(try ask(other.port, "/who").isEmpty == false)
    #expect(try Program("app").run(["--forwarded-allow-ips", "10.0.0.1/8"]).status == 1)
  }
}

import DataServers
import Green
import GreenHTTP
import GreenRedis
import GreenTLS
import SuiteSupport
import TestSupport
import Testing

/// `rediss://`, with a server that has no other port.
@Suite(.bounded) struct EncryptionTests {
  private let certificates: Certificates
  private let server: RedisServer

  init() throws {
    certificates = try Certificates()
    server = try RedisServer(encryptedWith: certificates.path)
  }

  private func client(trusting authorities: String = "ca.pem") -> TLSClientProvider {
    var configuration = TLSClientConfiguration()
    configuration.authoritiesFile = certificates.path(authorities)
    return .openSSL(configuration)
  }

  @Test func commandsAndSubscriptionsGoByTLS() throws {
    let address = server.address
    #expect(address.hasPrefix("rediss://"))
    try onHub {
      let redis = try Redis(address, connections: 2, tls: client())
      defer { redis.close() }
      let long = [UInt8](repeating: 7, count: 300_000)
      try redis.set("long", to: long)
      #expect(try redis.getBytes("long") == long)
      let answers = try redis.pipeline { pipeline in for number in 0..<1000 { pipeline.add("ECHO", number) } }
      #expect(answers.count == 1000 && answers[999].integer == 999)
      let news = try redis.subscribe(to: "news")
      defer { news.close() }
      for number in 0..<100 {
        try redis.publish("news", "\(number)")
        #expect(try news.next().text == "\(number)")
      }
      // Connections are used again, and fibers wait for each other.
      try withFiberGroup(of: Void.self) { group in
        for number in 0..<50 { try group.spawn { try redis.set("key:\(number)", to: "\(number)") } }
      }
      #expect(try redis.get("key:49") == "49" && redis.pool.statistics.open <= 2)
    }
  }

  @Test func aServerThatDiesIsAnErrorAndItsReturnIsNoticed() throws {
    try onHub {
      let redis = try Redis(server.address, connections: 1, tls: client())
      defer { redis.close() }
      try redis.set("a", to: "b")
      server.stop()
      #expect(throws: RedisConnectionError.self) { try redis.get("a") }
      try server.start()
      #expect(try redis.get("a") == nil)
    }
  }

  @Test func whoIsNotTheServerIsRefused() throws {
    try onHub {
      let stranger = try Redis(server.address, tls: client(trusting: "strange.pem"))
      defer { stranger.close() }
      #expect { try stranger.get("a") } throws: { "\($0)".contains("certificate") && $0 is RedisConnectionError }
      // A server that speaks no TLS.
      let plain = try Redis("rediss" + RedisServer.shared.get().address.dropFirst(5), tls: client())
      defer { plain.close() }
      #expect(throws: RedisConnectionError.self) { try plain.get("a") }
    }
  }

  @Test func withoutTLSTheAddressIsRefusedAtOnce() {
    #expect(throws: RedisConnectionError.noEncryption) { try Redis("rediss://localhost") }
  }
}

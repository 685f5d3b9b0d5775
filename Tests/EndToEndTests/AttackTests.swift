import Foundation
import SuiteSupport
import Testing

@Suite(.serialized, .bounded) struct AttackTests {
  @Test(arguments: everyClass)
  func randomBytesDoNotHarm(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let worker = server.workers
    var random = SeededGenerator(state: 20_261_122)
    for _ in 0..<1000 {
      let piece = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
      let client = try Client(port: server.port)
      try? client.send(piece)
    }
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.workers == worker, "no worker has died: \(server.log.suffix(2000))")
  }

  @Test func aSilentClientHoldsNobodyUp() throws {
    let server = try Server(["-k", "green", "--worker-connections", "5"])
    let silent = try (0..<5).map { _ in try Client(port: server.port) }
    #expect(try get(server.port, "/pid").status == 200)
    withExtendedLifetime(silent) {}
  }

  @Test func limitsAreAnswered() throws {
    let server = try Server(["-k", "green", "--limit-request-body", "100"])
    let long = String(repeating: "a", count: 70_000)
    #expect(try Client(port: server.port).exchange("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n").status == 414)
    let field = "X-Long: " + String(repeating: "b", count: 7000) + "\r\n"
    let fields = String(repeating: field, count: 12)
    #expect(try Client(port: server.port).exchange("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n").status == 431)
    let post = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"
    #expect(try Client(port: server.port).exchange(post).status == 413)
    let chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(try Client(port: server.port).exchange(chunked + "65\r\n").status == 413)
    let compressed = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    let refused = try Client(port: server.port).exchange(compressed)
    #expect(refused.status == 501 && refused.closes)
  }

  @Test func aLargeAnswerReachesASlowReader() throws {
    let server = try Server(["-k", "green"])
    let client = try Client(port: server.port)
    try client.send(Array("GET /large HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    try client.waitForSome()
    #expect(try get(server.port, "/pid").status == 200, "others are served meanwhile")
    #expect(try client.receive().body.utf8.count == 3_000_000)
  }

  @Test func bodiesComeBackWhole() throws {
    let server = try Server(["-k", "green"])
    let client = try Client(port: server.port)
    for size in [0, 1, 5000, 200_000] {
      let body = String(repeating: "z", count: size)
      let answer = try client.exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\r\n\(body)")
      #expect(answer.status == 200 && answer.body == body)
    }
  }
}

struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

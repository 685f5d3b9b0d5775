import Foundation
import Green
import Servers
import Testing

extension AdapterTests {
  /// The example: Hummingbird's own routes, libpq in fibers and in Swift's pool, and a Greenfinch application after them.
  @Suite(.serialized, .timeLimit(.minutes(3))) struct AdaptedTests {
    private static let cores = ProcessInfo.processInfo.activeProcessorCount

    @Test func whatNoRouteMatchesTheApplicationAnswers() throws {
      let server = try Server("adapted")
      #expect(try get(server.port, "/plain").text == "Hello World!")
      #expect(try get(server.port, "/async").text == "slept")
      #expect(try get(server.port, "/nowhere").status == 404)
      let time = try getAtOnce(50, server.port, "/blocking")
      // One after another they would take 25 s.
      #expect(time >= .milliseconds(500) && time < .seconds(12))
    }

    @Test func twentyMegabytesAreCountedAndNotKept() throws {
      let server = try Server("adapted")
      let client = try Client(server.port)
      // The buffers are there before.
      try client.request("POST", "/upload", body: [UInt8](repeating: 1, count: 1 << 20))
      _ = try client.answer()
      let before = server.peakMemory
      let body = (0..<20 << 20).map { UInt8(truncatingIfNeeded: $0 / 3) }
      let checksum = body.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
      try client.request("POST", "/upload", body: body)
      #expect(try client.answer().text == "\(body.count) bytes, checksum \(checksum)")
      #expect(server.peakMemory - before < 8 << 20)
    }

    @Test func aDownloadIsMadeWhileItIsSent() throws {
      let server = try Server("adapted")
      let client = try Client(server.port)
      try client.request("GET", "/download/10")
      _ = try client.answer()
      let before = server.peakMemory
      try client.request("GET", "/download/1600")
      #expect(try client.head()["transfer-encoding"] == "chunked")
      var (total, isRight) = (0, true)
      while let chunk = try client.chunk() {
        isRight = isRight && chunk.first == UInt8(truncatingIfNeeded: total / 65_536)
        total += chunk.count
      }
      #expect(total == 100 << 20 && isRight)
      #expect(server.peakMemory - before < 8 << 20)
    }

    @Test func aHundredQueriesInFibersWaitAtOnceAndHoldNothingUp() throws {
      let postgres = try Service.postgres()
      let server = try Server("adapted", environment: postgres.environment)
      let longest = Mutex(Duration.zero)
      let isDone = Mutex(false)
      let port = server.port
      let probes = Thread {
        while !isDone.withLock({ $0 }) {
          let time = (try? getAtOnce(1, port, "/plain")) ?? .seconds(100)
          longest.withLock { $0 = max($0, time) }
          usleep(20_000)
        }
      }
      probes.start()
      let times = try (0..<2).map { _ in try getAtOnce(100, port, "/query") }
      isDone.withLock { $0 = true }
      // One after another they would take 50 s, and hold up all else.
      #expect(times.max()! < .seconds(20) && times.min()! >= .milliseconds(500), "\(times)")
      #expect(longest.withLock { $0 } < .seconds(10))
      #expect(try get(port, "/query").text == "42")
      withExtendedLifetime(postgres) {}
    }

    @Test func queriesInSwiftsPoolWaitOneAfterAnother() throws {
      let postgres = try Service.postgres()
      let server = try Server("adapted", environment: postgres.environment)
      // With two cores ten at once, for two and a half seconds.
      #expect(try getAtOnce(5 * Self.cores, server.port, "/direct") > .seconds(2))
      withExtendedLifetime(postgres) {}
    }
  }
}

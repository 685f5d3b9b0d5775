import Foundation
import SuiteSupport
import TestSupport
import Testing

@Suite(.serialized, .bounded) struct ConcurrencyTests {
  @Test func neverMoreConnectionsThanAllowedAndNoneIsLost() throws {
    let server = try Server(["-k", "green", "-w", "1", "--worker-connections", "5"])
    let port = server.port
    let answers = try atOnce(20) { _ in try get(port, "/inside") }.map { try $0.get().body }
    #expect(answers.count == 20)
    #expect(answers.compactMap { Int($0) }.max() == 5, "most in progress at once")
  }

  @Test func atTheLimitTheLongestIdleConnectionMakesRoom() throws {
    let server = try Server(["-k", "green", "-w", "1", "--worker-connections", "3", "--keep-alive", "30"])
    let idle = try (0..<3).map { _ in try Client(port: server.port) }
    for client in idle { #expect(try client.get("/pid").status == 200) }
    let start = Date()
    #expect(try get(server.port, "/pid", timeout: 5).status == 200)
    #expect(Date().timeIntervalSince(start) < 3)
    #expect(try idle[0].isClosedByServer())
    #expect(try idle[2].get("/pid").status == 200, "the last one used is still there")
  }

  @Test(arguments: everyClass.dropFirst())
  func aLazyGlobalThatSleepsIsMadeOnceForAll(_ arguments: [String]) throws {
    let server = try Server(arguments.map { $0 == "4" ? "50" : $0 })
    let port = server.port
    for result in atOnce(50, { _ in try get(port, "/lazy") }) { #expect(try result.get().body == "connection 1") }
  }

  @Test(arguments: everyClass.dropFirst())
  func aLockHeldOverASleepLetsOneInAtATime(_ arguments: [String]) throws {
    let server = try Server(arguments.map { $0 == "4" ? "50" : $0 })
    let port = server.port
    for result in atOnce(50, { _ in try get(port, "/locked") }) { #expect(try result.get().body == "1") }
  }

  @Test func threadsThatAreBusyLeaveConnectionsToASibling() throws {
    let server = try Server(["--threads", "2", "-w", "2"])
    let port = server.port
    let start = Date()
    // Four at once in two workers of two threads: two rounds of eight, whoever accepts first.
    for result in atOnce(8, { _ in try get(port, "/sleep/2000") }) { _ = try result.get() }
    #expect(Date().timeIntervalSince(start) < 5.9)
  }

  @Test func aRequestThatWaitsDoesNotHoldUpAnother() throws {
    let server = try Server(["-k", "green"])
    let port = server.port
    let waiting = (0..<10).map { _ in Thread.running { try get(port, "/begin/2000").body } }
    try server.waitForBegun(10)
    let start = Date()
    _ = try get(port, "/pid")
    #expect(Date().timeIntervalSince(start) < 1)
    for one in waiting { #expect(try one.get() == "slept") }
  }
}

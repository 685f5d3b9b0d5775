import Foundation
import SuiteSupport
import TestSupport
import Testing

@Suite(.serialized, .bounded) struct ConcurrencyTests {
  @Test func neverMoreConnectionsThanAllowedAndNoneIsLost() throws {
    let server = try Server(["-k", "green", "-w", "1", "--worker-connections", "5"])
    let port = server.port
    var most = 0
    // Five are at once in the worker as soon as five clients are: threads may begin late.
    try server.waitUntil("five at once") {
      let answers = try atOnce(20) { _ in try get(port, "/inside") }.map { try $0.get().body }
      #expect(answers.count == 20)
      most = try #require(answers.compactMap { Int($0) }.max())
      return most >= 5
    }
    #expect(most == 5, "most in progress at once")
  }

  @Test func atTheLimitTheLongestIdleConnectionMakesRoom() throws {
    let server = try Server(["-k", "green", "-w", "1", "--worker-connections", "3"])
    let idle = try (0..<3).map { _ in try Client(port: server.port) }
    for client in idle { #expect(try client.get("/pid").status == 200) }
    // Long before one of them ends by itself.
    #expect(try get(server.port, "/pid").status == 200)
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
    // Four have begun at once in two workers of two threads, whoever accepts first.
    for round in 1...10 {
      let gate = try Gate()
      let path = gate.path
      let asking = (0..<4).map { _ in Thread.running { try get(port, path).body } }
      try server.waitForBegun(4 * round)
      gate.open()
      for one in asking { #expect(try one.get() == "done") }
    }
  }

  @Test func aRequestThatWaitsDoesNotHoldUpAnother() throws {
    let server = try Server(["-k", "green"])
    let port = server.port
    let gate = try Gate()
    let path = gate.path
    let waiting = (0..<10).map { _ in Thread.running { try get(port, path).body } }
    try server.waitForBegun(10)
    #expect(try get(port, "/pid").status == 200)
    gate.open()
    for one in waiting { #expect(try one.get() == "done") }
  }
}

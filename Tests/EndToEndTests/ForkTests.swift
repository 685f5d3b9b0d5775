import Foundation
import SuiteSupport
import TestSupport
import Testing

private let knowsForkOnly = ConditionTrait.disabled(if: Sanitizer.current == .thread, "\(Sanitizer.knowsForkOnly)")

/// Children that the application forks, and which come back to the server or outlive it.
@Suite(.serialized, .bounded) struct ForkTests {
  @Test(arguments: everyClass)
  func aChildThatReturnsFromItsHandlerTakesNothingOfTheWorkerWithIt(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--worker-connections", "8"])
    let worker = server.workers[0]
    for _ in 0..<20 {
      let client = try Client(port: server.port)
      let answer = try client.get("/fork")
      #expect(answer.body.hasPrefix("parent \(worker) "), "\(answer.body)")
      guard !answer.closes else { continue }
      // A second answer to the first request would be taken for that of the next.
      #expect(try client.get("/pid").body == "\(worker)")
    }
    #expect(try get(server.port, "/pid").body == "\(worker)")
    #expect(server.workers == [worker])
    try server.waitUntil("the children's end") { !children(of: worker).contains(where: exists) }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func aChildThatLivesOnHoldsNeitherThePortNorTheWorkersSignals(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    let child = try #require(pid_t(try get(server.port, "/fork/600").body))
    defer { kill(child, SIGKILL) }
    // The child's signal is its own.
    let other = try #require(pid_t(try get(server.port, "/fork/600").body))
    kill(other, SIGTERM)
    try server.waitUntil("the child's end") { !exists(other) }
    usleep(200_000)
    #expect(try get(server.port, "/pid").body == "\(worker)")
    // Foundation takes a process for running as long as a child of it does.
    kill(server.pid, SIGTERM)
    try server.waitUntil("the server's end") { !exists(server.pid) && !exists(worker) }
    #expect(exists(child))
    #expect(throws: (any Error).self, "nobody listens any more") { try Client(port: server.port) }
  }

  @Test(arguments: everyClass.dropFirst())
  func aChildOfAWorkerThatDrainsKeepsWhatItsRequestHasOpened(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let port = server.port
    let asking = Thread.running { try get(port, "/fork-draining").body }
    try server.waitForBegun()
    kill(server.pid, SIGTERM)
    #expect(try asking.get() == "0", "files are closed in the child")
    #expect(server.waitForEnd() == 0)
  }

  // MARK: Children that no handler of fork hears of

  @Test(knowsForkOnly, arguments: everyClass, ["_Fork", "syscall", "vfork", "clone", "clone3", "instruction"])
  func anUnseenChildThatReturnsFromItsHandlerEnds(_ arguments: [String], _ how: String) throws {
    let server = try Server(arguments + ["--worker-connections", "8"])
    let worker = server.workers[0]
    defer { for child in children(of: worker) { kill(child, SIGKILL) } }
    // A child that is made past the C library finds the locks of other threads as they were, for ever: what the way back from
    // a handler needs of Swift's runtime, which takes such locks, is to be there before.
    for _ in 0..<20 { #expect(try get(server.port, "/pid").body == "\(worker)") }
    for _ in 0..<10 {
      let client = try Client(port: server.port)
      let answer = try client.get("/unseen/\(how)")
      #expect(answer.body.hasPrefix("parent \(worker) "), "\(answer.body)")
      guard !answer.closes else { continue }
      #expect(try client.get("/pid").body == "\(worker)")
    }
    try server.waitUntil("the children's end") { !children(of: worker).contains(where: exists) }
    #expect(try get(server.port, "/pid").body == "\(worker)")
    #expect(server.workers == [worker])
    #expect(server.stop() == 0)
  }

  @Test(knowsForkOnly, arguments: everyClass, ["_Fork", "syscall", "clone3", "function"])
  func anUnseenChildThatLivesOnServesNobody(_ arguments: [String], _ how: String) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    let child = try #require(pid_t(try get(server.port, "/unseen/\(how)/600").body))
    defer { kill(child, SIGKILL) }
    // Whoever answers is the worker, although the child waits in a fiber of its hub.
    for _ in 0..<50 { #expect(try get(server.port, "/pid").body == "\(worker)") }
    let other = try #require(pid_t(try get(server.port, "/unseen/\(how)/600").body))
    kill(other, SIGTERM)
    try server.waitUntil("the child's end") { !exists(other) }
    #expect(try get(server.port, "/pid").body == "\(worker)")
    kill(server.pid, SIGTERM)
    try server.waitUntil("the server's end") { !exists(server.pid) && !exists(worker) }
    #expect(exists(child))
    #expect(throws: (any Error).self, "nobody listens any more") { try Client(port: server.port) }
  }

  @Test(knowsForkOnly, arguments: everyClass)
  func childrenInTheWorkersOwnMemoryLeaveItAsItWas(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    for _ in 0..<10 { #expect(try get(server.port, "/vfork").body == "7 true") }
    #expect(try get(server.port, "/sleep/20").body == "slept")
    #expect(server.workers == [worker])
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass, Sanitizer.current == .thread ? ["fork"] : ["fork", "_Fork", "instruction"])
  func aChildOfAStreamedBodyAddsNothingToIt(_ arguments: [String], _ how: String) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    for _ in 0..<5 { #expect(try get(server.port, "/fork-stream/\(how)").body == "one \(worker) end") }
    try server.waitUntil("the children's end") { !children(of: worker).contains(where: exists) }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass, Sanitizer.current == .thread ? [""] : ["", "/_Fork"])
  func childrenOfWorkThatNobodyWaitsForEnd(_ arguments: [String], _ how: String) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    for _ in 0..<5 { #expect(try get(server.port, "/fork-background\(how)").body == "\(worker)") }
    try server.waitUntil("the children's end") { !children(of: worker).contains(where: exists) }
    #expect(try get(server.port, "/pid").body == "\(worker)")
    #expect(server.stop() == 0)
  }
}

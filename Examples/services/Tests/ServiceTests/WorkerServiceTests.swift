import Foundation
import Testing

/// Services in the workers of a server.
@Suite(.serialized) struct WorkerServiceTests {
  static let everyClass = [["-k", "green"], ["-k", "sync"], ["-k", "thread", "--threads", "4"]]

  private func started(_ arguments: [String]) throws -> (Program, UInt16) {
    let port = try freePort()
    let program = try Program("services", arguments + ["--bind", "127.0.0.1:\(port)"])
    try program.waitUntil("an answer") { (try? get(port, "/pid")) != nil }
    return (program, port)
  }

  @Test(arguments: everyClass)
  func aServiceGoesOnWhileRequestsBlock(_ arguments: [String]) throws {
    let (server, port) = try started(arguments)
    let ticks = try atOnce(3) { _ in Int(try get(port, "/slow/400"))! }
    // Twenty at the most, by the clock; on a busy machine fewer.
    #expect(ticks.allSatisfy { $0 >= 5 && $0 <= 21 }, "\(ticks)")
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
  }

  @Test(arguments: everyClass)
  func servicesEndGracefullyAfterTheLastRequest(_ arguments: [String]) throws {
    let (server, port) = try started(arguments)
    let start = ContinuousClock.now
    let answers = try atOnce(2) { index in
      if index == 0 { return try get(port, "/slow/400") }
      usleep(200_000)
      server.send(SIGTERM)
      return ""
    }
    #expect(server.waitForEnd() == 0)
    // The prices were fresh until the request's end.
    #expect(Int(answers[0])! >= 5, "\(answers)")
    #expect(
      server.logs(inOrder: ["the slow request has ended", "the refresher has ended gracefully", "Worker exiting"]),
      "\(server.log)")
    // The server's own 30 s are not used up.
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test(arguments: everyClass)
  func servicesOfEveryWorkerEndWithTheMaster(_ arguments: [String]) throws {
    let (server, _) = try started(["-w", "3"] + arguments)
    try server.waitUntil("three workers") { server.children.count == 3 }
    usleep(200_000)
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
    let ends = server.log.components(separatedBy: "the refresher has ended gracefully").count - 1
    #expect(ends == 3, "\(server.log)")
  }

  @Test(arguments: everyClass)
  func aServiceThatTakesTooLongToEndIsCancelled(_ arguments: [String]) throws {
    let (server, port) = try started(arguments + ["--graceful-timeout", "3"])
    _ = try ask(port, "/farewell/60", method: "POST")
    let start = ContinuousClock.now
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
    let elapsed = ContinuousClock.now - start
    #expect(elapsed > .seconds(1) && elapsed < .seconds(20), "\(elapsed)")
    // The worker has left by itself.
    #expect(
      server.logs(inOrder: ["the worker's services have not ended in time: they are cancelled", "Worker exiting"]),
      "\(server.log)")
  }

  @Test(arguments: everyClass)
  func aWorkerWhoseServiceFailsIsReplaced(_ arguments: [String]) throws {
    let (server, port) = try started(arguments)
    let first = try get(port, "/pid")
    // A request that is under way ends as it would have.
    let answers = try atOnce(2) { index in
      if index == 0 { return try get(port, "/slow/500") }
      usleep(100_000)
      return try ask(port, "/break", method: "POST")
    }
    #expect(answers[1].hasSuffix("broken"), "\(answers)")
    try server.waitUntil("another worker") { (try? get(port, "/pid")).map { $0 != first } ?? false }
    #expect(server.log.contains("the worker's services failed: the source of the prices is gone"), "\(server.log)")
    #expect(Int(try get(port, "/slow/200"))! > 0)
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
  }

  @Test(arguments: everyClass)
  func aGroupThatEndsByItselfHasItsWorkerReplaced(_ arguments: [String]) throws {
    let (server, port) = try started(arguments)
    let first = try get(port, "/pid")
    let answers = try atOnce(2) { index in
      if index == 0 { return try get(port, "/slow/500") }
      usleep(100_000)
      return try ask(port, "/recycle", method: "POST")
    }
    #expect(Int(answers[0])! >= 5 && answers[1].hasSuffix("soon"), "\(answers)")
    try server.waitUntil("another worker") { (try? get(port, "/pid")).map { $0 != first } ?? false }
    #expect(
      server.logs(inOrder: ["the slow request has ended", "the refresher has ended gracefully", "Worker exiting"]),
      "\(server.log)")
    #expect(!server.log.contains("ERROR"), "\(server.log)")
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
  }

  @Test(arguments: everyClass)
  func endingAtOnceWaitsForNoService(_ arguments: [String]) throws {
    let (server, _) = try started(arguments)
    server.send(SIGINT)
    #expect(server.waitForEnd() == 0)
    #expect(!server.log.contains("the refresher has ended"), "\(server.log)")
  }
}

import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What the graceful timeout does not suffice for.
@Suite(.serialized, .bounded) struct DrainTests {
  @Test(arguments: everyClass)
  func whatIsLeftIsCutOffAndCounted(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--graceful-timeout", "1"])
    let isSync = arguments.contains("sync")
    let clients = try (0..<(isSync ? 1 : 3)).map { _ in
      let client = try Client(port: server.port)
      // The signal would wake a sync worker that sleeps.
      try client.send(Array("GET \(isSync ? "/spin" : "/begin/60000") HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      return client
    }
    if isSync { usleep(500_000) } else { try server.waitForBegun(clients.count) }
    let start = Date()
    #expect(server.stop() == 0)
    #expect(Date().timeIntervalSince(start) < 15)
    let worker = "has not finished within the graceful timeout and is killed"
    // A sync worker's only thread is in the handler.
    #expect(
      server.logged(isSync ? worker : "The graceful timeout is over: 3 connections are cut off"), "\(server.log)")
    #expect(server.log.contains(worker) == isSync, "\(server.log)")
    for client in clients { #expect(try client.isGone()) }
  }

  @Test(arguments: everyClass)
  func anIdleConnectionHoldsUpTheEndForAMomentOnly(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--keep-alive", "60"])
    let client = try Client(port: server.port)
    #expect(try client.get("/pid").status == 200)
    let start = Date()
    #expect(server.stop() == 0)
    let time = Date().timeIntervalSince(start)
    print("TERM with an idle connection, \(arguments.joined(separator: " ")): \(time) s")
    #expect(time < 2)
  }

  @Test(arguments: everyClass)
  func afterTheMastersEndByForceTheAddressIsFree(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let workers = server.workers
    kill(server.pid, SIGKILL)
    let start = Date()
    try server.waitUntil("the workers' end") { !workers.contains(where: exists) }
    print("workers after kill -9, \(arguments.joined(separator: " ")): \(Date().timeIntervalSince(start)) s")
    let next = try Server(arguments, port: server.port)
    #expect(!next.log.contains("Connection in use"), "\(next.log)")
    #expect(next.stop() == 0)
  }
}

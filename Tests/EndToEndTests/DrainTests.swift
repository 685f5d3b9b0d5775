import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What the graceful timeout does not suffice for.
@Suite(.serialized, .bounded) struct DrainTests {
  @Test(arguments: everyClass)
  func whatIsLeftIsCutOffAndCounted(_ arguments: [String]) throws {
    let isSync = arguments.contains("sync")
    let killed = "has not finished within the graceful timeout and is killed"
    // A sync worker's only thread is in the handler.
    let told = isSync ? killed : "The graceful timeout is over: 3 connections are cut off"
    var log = ""
    // A worker that is stopped for a second when the time is over is killed by its master too.
    let isTold = try passesOnce {
      let (server, gate) = (try Server(arguments + ["--graceful-timeout", "1"]), try Gate())
      let clients = try (0..<(isSync ? 1 : 3)).map { _ in
        let client = try Client(port: server.port)
        try client.send(Array("GET \(isSync ? "/spin" : gate.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        return client
      }
      if isSync { #expect(server.logged("spinning")) } else { try server.waitForBegun(clients.count) }
      // These requests do not end by themselves.
      #expect(server.stop() == 0)
      for client in clients { #expect(try client.isGone()) }
      log = server.log
      return log.contains(told) && log.contains(killed) == isSync
    }
    #expect(isTold, "\(log)")
  }

  @Test(arguments: everyClass)
  func anIdleConnectionHoldsUpTheEndForAMomentOnly(_ arguments: [String]) throws {
    let time = try quickest(below: 2) {
      let server = try Server(arguments)
      let client = try Client(port: server.port)
      #expect(try client.get("/pid").status == 200)
      return withExtendedLifetime(client) { seconds { #expect(server.stop() == 0) } }
    }
    print("TERM with an idle connection, \(arguments.joined(separator: " ")): \(time) s")
    #expect(time < 2)
  }

  @Test(arguments: everyClass)
  func afterTheMastersEndByForceTheAddressIsFree(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let workers = server.workers
    kill(server.pid, SIGKILL)
    let time = try seconds { try server.waitUntil("the workers' end") { !workers.contains(where: exists) } }
    print("workers after kill -9, \(arguments.joined(separator: " ")): \(time) s")
    let next = try Server(arguments, port: server.port)
    #expect(!next.log.contains("Connection in use"), "\(next.log)")
    #expect(next.stop() == 0)
  }
}

import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Classes of which one worker takes several connections.
let severalAtOnce = [["-k", "green"], ["-k", "thread", "--threads", "16"]]

/// Signals that change how many workers there are, and which, while all is served.
@Suite(.serialized, .bounded) struct PopulationTests {
  @Test(arguments: severalAtOnce)
  func ttinAddsAWorkerAndTtouTakesTheOldestAway(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "1"])
    let first = server.workers
    let load = Load(on: server.port)
    kill(server.pid, SIGTTIN)
    try server.waitUntil("a second worker that serves") { load.answering.count == 2 }
    #expect(server.workers.count == 2 && server.workers.first == first[0])

    kill(server.pid, SIGTTOU)
    try server.waitUntil("the end of the oldest") { server.workers.count == 1 }
    #expect(server.workers != first)
    let last = server.workers
    kill(server.pid, SIGTTOU)
    try server.waitUntil("the second signal") {
      server.log.components(separatedBy: "Handling signal: ttou").count == 3
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(server.workers == last, "the last one stays")
    #expect(server.stop() == 0)
  }

  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileWorkersComeAndGo(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let load = Load(on: server.port)
    for _ in 0..<3 {
      kill(server.pid, SIGTTIN)
      try server.waitUntil("a third worker") {
        load.answering.isSuperset(of: server.workers) && server.workers.count == 3
      }
      let before = server.workers
      kill(server.pid, SIGTTOU)
      try server.waitUntil("two workers") {
        server.workers.count == 2 && !server.workers.contains(before[0])
      }
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count == 5)
    #expect(server.stop() == 0)
  }
}

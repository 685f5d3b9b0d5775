import Foundation
import SuiteSupport
import TestSupport
import Testing

/// All that an operator does to a server in its life, one after the other, while eight clients that keep their connections and
/// four that make new ones ask without a pause: no request fails.
@Suite(.serialized, .bounded) struct ContinuityTests {
  @Test(arguments: severalAtOnce)
  func noRequestFailsWhateverAnOperatorDoes(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let load = Load(on: server.port)
    try server.waitUntil("the first workers' answers") { load.answering.isSuperset(of: server.workers) }

    for round in 1...5 {
      let before = server.workers
      kill(server.pid, SIGHUP)
      try server.waitUntil("the workers of reload \(round)") {
        server.workers.count == 2 && Set(server.workers).isDisjoint(with: before)
          && load.answering.isSuperset(of: server.workers)
      }
    }
    for (signal, count) in [(SIGTTIN, 3), (SIGTTIN, 4), (SIGTTOU, 3), (SIGTTOU, 2)] {
      kill(server.pid, signal)
      try server.waitUntil("\(count) workers") {
        server.workers.count == count && load.answering.isSuperset(of: server.workers)
      }
    }
    let withdrawn = try server.startSuccessor()
    let theirs = children(of: withdrawn)
    try server.waitUntil("answers of the new master's") { load.answering.isSuperset(of: theirs) }
    kill(withdrawn, SIGTERM)
    #expect(server.logged("The new master (pid:\(withdrawn)) exited with code 0: this one goes on."))

    let successor = try server.startSuccessor()
    #expect(server.stop() == 0)
    let last = children(of: successor)
    try server.waitUntil("answers of the next master's") {
      last.count == 2 && load.answering.isSuperset(of: last)
    }
    let outcome = load.stop()
    print("5 HUP, TTIN and TTOU, USR2 back and forth, \(arguments.joined(separator: " ")): \(outcome.summary)")
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count == 2 + 10 + 2 + 2 + 2)
    kill(successor, SIGTERM)
    try server.waitUntil("the end of the next master") { !exists(successor) }
  }
}

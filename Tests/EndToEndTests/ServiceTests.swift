import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A worker that has lost what it serves with does not live on as if all were well.
@Suite(.serialized, .bounded) struct ServiceTests {
  @Test(arguments: everyClass)
  func aWorkerWhoseListenerIsGoneEndsAndSaysWhy(_ arguments: [String]) throws {
    let server = try Server(arguments)
    let worker = server.workers[0]
    _ = try? get(server.port, "/close-listener")
    try server.waitUntil("a replacement") {
      !server.workers.contains(worker) && (try? get(server.port, "/pid"))?.status == 200
    }
    #expect(server.logged("Worker (pid:\(worker)) ends: its service 'accept' failed"), "\(server.log)")
  }

  @Test func withTooFewDescriptorsAWorkerSaysSoOrServes() throws {
    for limit in 9...16 {
      let server = try Server(
        "/bin/sh", ["-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", Program("app").path, "-k", "green", "-w", "2"],
        waits: false)
      // Either it ends with its reason, or it answers: never neither.
      try server.waitUntil("an answer or an end with \(limit) descriptors") {
        if !server.isRunning { return true }
        if let answer = try? get(server.port, "/pid", timeout: 2) { return answer.status == 200 }
        return server.log.contains("failed") || server.log.contains("Cannot accept")
      }
    }
  }
}

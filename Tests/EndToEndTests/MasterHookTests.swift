import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What an application has called in the master.
@Suite(.serialized, .bounded) struct MasterHookTests {
  @Test func theMasterCallsItsHooksInOrder() throws {
    let server = try Server(["-k", "green", "-w", "2"], environment: ["APP_MASTER": "1"])
    let workers = server.workers
    // One that has not begun yet ends by the signal itself.
    #expect(server.logged("Booting worker with pid: \(workers[1])"), "\(server.log)")
    kill(workers[0], SIGKILL)
    #expect(server.logged("worker \(workers[0]) was killed by SIGKILL"), "\(server.log)")
    #expect(server.stop() == 0)
    let expected =
      ["[\(server.pid)] [INFO] the master begins", "Listening at"]
      + workers.map { "worker \($0) is made" }
    let places = expected.compactMap { server.log.range(of: $0)?.lowerBound }
    #expect(places.count == 4 && places == places.sorted(), "\(server.log)")
    #expect(server.log.contains("worker \(workers[1]) exited with code 0"), "\(server.log)")
    for once in ["the master begins", "the master serves", "the master ends"] {
      #expect(server.log.ranges(of: once).count == 1)
    }
  }

  @Test func aMasterWhoseStartFailsNeverListens() throws {
    let server = try Server(["-k", "green"], environment: ["APP_MASTER": "fails"], waits: false)
    #expect(server.waitForEnd() == 1)
    #expect(server.logged("Cannot start: Broken()"), "\(server.log)")
    #expect(!server.log.contains("Listening at"), "\(server.log)")
  }
}

import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Idle connections of the thread class, when there are more of them than threads.
@Suite(.serialized, .bounded) struct RestingTests {
  /// So many clients, each of which has been served once when the next one connects.
  private func served(_ count: Int, _ server: Server) throws -> [Client] {
    try (0..<count).map { _ in
      let client = try Client(port: server.port)
      #expect(try !client.get("/pid").closes)
      return client
    }
  }

  @Test func idleConnectionsGiveUpTheirThreadsAndStay() throws {
    let server = try Server(["-w", "1", "-k", "thread", "--threads", "2"])
    let clients = try served(12, server)
    for _ in 0..<5 { for client in clients { #expect(try client.get("/pid").status == 200) } }
    #expect(server.stop() == 0)
  }

  @Test func aRestingConnectionEndsWhenItsTimeIsOver() throws {
    let server = try Server(["-w", "1", "-k", "thread", "--threads", "1", "--keep-alive", "5"])
    let resting = try Client(port: server.port)
    #expect(try resting.get("/pid").status == 200)
    #expect(try get(server.port, "/pid").status == 200)
    #expect(try resting.isClosedByServer())
  }

  @Test func theOldestEndsWhereNoMoreMayRest() throws {
    let server = try Server(["-w", "1", "-k", "thread", "--threads", "1", "--worker-connections", "3"])
    let clients = try served(4, server)
    #expect(try clients[0].isClosedByServer())
    for client in clients.dropFirst() { #expect(try client.get("/pid").status == 200) }
  }

  @Test func restingConnectionsDoNotHoldUpTheEnd() throws {
    let server = try Server(["-w", "1", "-k", "thread", "--threads", "1"])
    let clients = try served(5, server)
    // The graceful timeout is longer than this waits.
    #expect(server.stop() == 0)
    for client in clients { #expect(try client.isClosedByServer()) }
  }
}

import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct WaitingRoomTests {
  private enum End: Equatable { case served, refused, closed, none }

  /// What becomes of a connection whose client has sent `text` since the room last looked, once all have to leave.
  private func end(sent text: String, isHTTP: Bool = true, _ leave: (WaitingRoom) throws -> Void) throws -> End {
    let room = try WaitingRoom(silentTime: .milliseconds(1), headTime: .seconds(20), isHTTP: isHTTP)
    let (server, client) = try Socket.pair()
    defer {
      server.close()
      client.close()
    }
    room.add(server, hasBegun: false)
    let bytes = Array(text.utf8)
    #expect(write(client.descriptor, bytes, bytes.count) == bytes.count)
    try leave(room)
    return switch room.next() {
    case .serve: .served
    case .refuse: .refused
    case .close: .closed
    case nil: .none
    }
  }

  private static let head = "GET / HTTP/1.1\r\nHost: test\r\n\r\n"

  @Test func whoHasToLeaveIsServedWhereItsHeadHasComeMeanwhile() throws {
    #expect(try end(sent: Self.head) { $0.clear() } == .served)
    #expect(try end(sent: "G", isHTTP: false) { $0.clear() } == .served)
    #expect(try end(sent: "GET /") { $0.clear() } == .refused)
    #expect(try end(sent: "") { $0.clear() } == .closed)
  }

  @Test func aHeadThatCameInTimeIsServedThoughNobodyHasLookedSince() throws {
    #expect(try end(sent: Self.head) { _ in usleep(5_000) } == .served)
    #expect(try end(sent: "GET /") { _ in usleep(5_000) } == .none, "the rest of it has its own time")
    #expect(try end(sent: "") { _ in usleep(5_000) } == .closed)
  }

  @Test func whoMakesRoomIsServedWhereItsHeadHasCome() throws {
    try #require(WaitingRoom.most == 100)
    var others: [Socket] = []
    defer { for socket in others { socket.close() } }
    let served = try end(sent: Self.head) { room in
      for _ in 0..<WaitingRoom.most {
        let (server, client) = try Socket.pair()
        others += [server, client]
        room.add(server, hasBegun: false)
      }
    }
    #expect(served == .served)
  }
}

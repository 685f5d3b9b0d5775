import CProcess
import Glibc
import SuiteSupport
import SystemPackage
import Testing

@testable import GreenServer

@Suite(.bounded) struct ScoreboardTests {
  @Test func `what one mapping writes another reads`() throws {
    let master = try Scoreboard(slots: 3)
    let worker = try Scoreboard(inherited: dup(master.descriptor))
    #expect(worker.count == 3)

    worker[1].reset(accepted: 7)
    #expect(master[1].state == .starting)
    worker[1].state = .ready
    worker[1].capacity = 2
    worker[1].countOpened()
    worker[1].countRequest()
    worker[1].activity = "GET /slow"
    #expect(master[1].state == .ready)
    #expect(master[1].accepted == 8)
    #expect(master[1].open == 1)
    #expect(master[1].requests == 1)
    #expect(master[1].activity == "GET /slow")
    #expect(master[1].seat == AcceptTurn.Seat(takesPart: true, accepted: 8, open: 1))
    #expect(master[0].state == .gone)
    worker[1].countClosed()
    #expect(master[1].open == 0)

    #expect(!worker.isStopping)
    master.announceStopping()
    #expect(worker.isStopping)
  }

  @Test func `a worker's siblings are all but itself`() throws {
    let board = try Scoreboard(slots: 3)
    for index in 0..<3 { board[index].accepted = UInt64(index) }
    #expect(board.siblings(of: 1).map(\.accepted) == [0, 2])
  }

  @Test func `slots come and go`() throws {
    let master = try Scoreboard(slots: 1, room: 4)
    let worker = try Scoreboard(inherited: dup(master.descriptor))
    #expect(worker.count == 1 && worker.room == 4)
    #expect(worker.siblings(of: 0).map(\.accepted) == [])
    master.count = 3
    master[2].reset(accepted: 5, generation: 7)
    #expect(worker.siblings(of: 0).map(\.accepted) == [0, 5])
    #expect(worker[2].generation == 7)
    master.count = 9
    #expect(worker.count == 4)
    master.count = 1
    #expect(worker.siblings(of: 0).map(\.accepted) == [])
  }

  @Test func `an activity that is too long is cut`() throws {
    let board = try Scoreboard(slots: 1)
    board[0].activity = String(repeating: "a", count: 500)
    #expect(board[0].activity == String(repeating: "a", count: Int(CPROCESS_ACTIVITY_BYTES) - 1))
  }

  @Test func `what is no scoreboard is refused`() throws {
    let file = open("/dev/null", O_RDWR)
    defer { close(file) }
    #expect(throws: Errno.invalidArgument) { try Scoreboard(inherited: file) }
    #expect(throws: Errno.invalidArgument) { try Scoreboard(slots: 0) }
  }

  @Test func `its memory cannot be taken away`() throws {
    let board = try Scoreboard(slots: 1)
    #expect(ftruncate(board.descriptor, 0) == -1)
  }
}

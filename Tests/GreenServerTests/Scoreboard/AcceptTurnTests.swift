import SuiteSupport
import Testing

@testable import GreenServer

/// A worker with its turn, to which expectations may put questions.
private final class Worker {
  private var turn = AcceptTurn()

  func yields(_ own: AcceptTurn.Seat, to siblings: [AcceptTurn.Seat], at now: Int64) -> Bool {
    turn.yields(own, to: siblings, at: now)
  }
}

@Suite(.bounded) struct AcceptTurnTests {
  private func seat(_ accepted: UInt64, open: UInt64 = 0, takesPart: Bool = true) -> AcceptTurn.Seat {
    AcceptTurn.Seat(takesPart: takesPart, accepted: accepted, open: open)
  }

  /// Whether the first of several connections is left to the siblings.
  private func yields(_ own: AcceptTurn.Seat, to siblings: [AcceptTurn.Seat]) -> Bool {
    Worker().yields(own, to: siblings, at: 0)
  }

  @Test func `a worker alone never yields`() {
    #expect(!yields(seat(1000, open: 9), to: []))
  }

  @Test func `who is above the lowest yields, who is lowest does not`() {
    #expect(yields(seat(11), to: [seat(10), seat(20)]))
    #expect(!yields(seat(10), to: [seat(10), seat(20)]))
  }

  @Test func `an open connection weighs four that have been`() {
    #expect(yields(seat(10, open: 1), to: [seat(13)]))
    #expect(!yields(seat(10, open: 1), to: [seat(14)]))
  }

  @Test func `nobody yields to a worker that has no room`() {
    #expect(!yields(seat(100), to: [seat(0, takesPart: false)]))
  }

  @Test func `a worker that has no room yields to any that has`() {
    #expect(yields(seat(0, takesPart: false), to: [seat(100)]))
    #expect(!yields(seat(0, takesPart: false), to: [seat(100, takesPart: false)]))
  }

  @Test func `where connections come all the time a worker may be ahead by a few`() {
    let turn = Worker()
    _ = turn.yields(seat(10), to: [seat(10)], at: 0)
    #expect(!turn.yields(seat(18), to: [seat(10)], at: 1_000_000))
    #expect(turn.yields(seat(19), to: [seat(10)], at: 2_000_000))
    // And by a sixteenth of those that are open.
    #expect(!turn.yields(seat(100, open: 108), to: [seat(100, open: 100)], at: 3_000_000))
    #expect(turn.yields(seat(100, open: 109), to: [seat(100, open: 100)], at: 4_000_000))
    // Not where they come one by one.
    #expect(turn.yields(seat(11), to: [seat(10)], at: 10_000_000))
  }

  @Test func `nobody waits again for a busy sibling that has accepted nothing since, until further ahead`() {
    let turn = Worker()
    _ = turn.yields(seat(10), to: [seat(10)], at: 0)
    let busy = seat(10, open: 1)
    #expect(turn.yields(seat(23), to: [busy, seat(20)], at: 1))
    #expect(!turn.yields(seat(24), to: [busy, seat(20)], at: 2))
    #expect(!turn.yields(seat(30), to: [busy, seat(26)], at: 3), "another's connections do not matter")
    #expect(turn.yields(seat(31), to: [busy, seat(26)], at: 4))
    #expect(turn.yields(seat(32), to: [seat(11, open: 1), seat(26)], at: 5), "it has accepted one")
    #expect(turn.yields(seat(33), to: [seat(11), seat(26)], at: 6), "it has nothing else to do")
    #expect(turn.yields(seat(34), to: [seat(11), seat(26)], at: 7))
  }

  @Test func `several are taken in one go as long as they are there`() {
    var batch = AcceptBatch()
    for size in [1, 2, 4, 8, 16, 16] {
      #expect(batch.size == size)
      batch.took(size)
    }
    batch.took(3)
    #expect(batch.size == 3)
    batch.took(1)
    #expect(batch.size == 1)
  }

  @Test func `an attempt in vain is rare where connections come one by one`() {
    var batch = AcceptBatch()
    let misses = (0..<1000).count { _ in
      let size = batch.size
      batch.took(1)
      return size > 1
    }
    #expect((1...25).contains(misses))
  }

  @Test func `a replacement begins with the lowest count of its siblings`() {
    #expect(AcceptTurn.firstCount(among: [seat(30), seat(20), seat(5, takesPart: false)]) == 20)
    #expect(AcceptTurn.firstCount(among: []) == 0)
  }
}

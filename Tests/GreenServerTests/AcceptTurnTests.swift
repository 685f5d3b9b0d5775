import Testing

@testable import GreenServer

@Suite struct AcceptTurnTests {
  private func seat(_ accepted: UInt64, open: UInt64 = 0, takesPart: Bool = true) -> AcceptTurn.Seat {
    AcceptTurn.Seat(takesPart: takesPart, accepted: accepted, open: open)
  }

  @Test func `a worker alone never yields`() {
    #expect(!AcceptTurn.yields(seat(1000, open: 9), to: []))
  }

  @Test func `who is above the lowest yields, who is lowest does not`() {
    #expect(AcceptTurn.yields(seat(11), to: [seat(10), seat(20)]))
    #expect(!AcceptTurn.yields(seat(10), to: [seat(10), seat(20)]))
  }

  @Test func `an open connection weighs four that have been`() {
    #expect(AcceptTurn.yields(seat(10, open: 1), to: [seat(13)]))
    #expect(!AcceptTurn.yields(seat(10, open: 1), to: [seat(14)]))
  }

  @Test func `nobody yields to a worker that has no room`() {
    #expect(!AcceptTurn.yields(seat(100), to: [seat(0, takesPart: false)]))
  }

  @Test func `a worker that has no room yields to any that has`() {
    #expect(AcceptTurn.yields(seat(0, takesPart: false), to: [seat(100)]))
    #expect(!AcceptTurn.yields(seat(0, takesPart: false), to: [seat(100, takesPart: false)]))
  }

  @Test func `a replacement begins with the lowest count of its siblings`() {
    #expect(AcceptTurn.firstCount(among: [seat(30), seat(20), seat(5, takesPart: false)]) == 20)
    #expect(AcceptTurn.firstCount(among: []) == 0)
  }
}

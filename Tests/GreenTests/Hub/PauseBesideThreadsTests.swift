import SuiteSupport
import Testing

@testable import Green

@Suite(.bounded) struct PauseBesideThreadsTests {
  @Test func itIsTwiceAsLongEachTimeThatNothingHasHappened() {
    var pause = PauseBesideThreads()
    let seconds = (0..<8).map { _ in pause.next(after: 7) / 1_000_000_000 }
    #expect(seconds == [1, 2, 4, 8, 16, 30, 30, 30])
  }

  @Test func itIsNoLongerThanThePeriodOfWhatIsLookedAt() {
    for (period, expected) in [(5, [1, 2, 4, 5, 5]), (0, [1, 1, 1, 1, 1]), (60, [1, 2, 4, 8, 16])] {
      var pause = PauseBesideThreads()
      pause.bound(by: Int64(period) * 1_000_000_000)
      let seconds = (0..<5).map { _ in Int(pause.next(after: 7) / 1_000_000_000) }
      #expect(seconds == expected)
    }
  }

  @Test func itBeginsAnewOnceAFiberHasGoneOn() {
    var pause = PauseBesideThreads()
    let seconds = ([0, 0, 0, 1, 1, 2] as [UInt64]).map { pause.next(after: $0) / 1_000_000_000 }
    #expect(seconds == [1, 2, 4, 1, 2, 1])
  }
}

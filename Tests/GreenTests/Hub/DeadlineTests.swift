import Green
import SuiteSupport
import Testing

@Suite(.bounded) struct DeadlineTests {
  @Test func neverIsLaterThanAnyTime() {
    #expect(Deadline.after(.seconds(1_000_000)) < .never)
    #expect(!Deadline.never.hasPassed)
    #expect(Deadline.never.remaining == nil)
    #expect(Deadline.never.advanced(by: .seconds(-5)) == .never)
  }

  @Test func whatCannotBeExpressedIsNever() {
    #expect(Deadline.after(.seconds(Int64.max)) == .never)
    #expect(Deadline.after(.seconds(Int64.max / 1_000_000_000)) == .never)
    #expect(Deadline.now.advanced(by: .seconds(Int64.min)).hasPassed)
  }

  @Test func partsOfANanosecondAreRoundedUp() {
    #expect(
      Deadline(nanoseconds: 10).advanced(by: Duration(secondsComponent: 0, attosecondsComponent: 1)).nanoseconds == 11)
    #expect(Deadline(nanoseconds: 10).advanced(by: .nanoseconds(3)).nanoseconds == 13)
  }

  @Test func aDeadlineInThePastHasPassed() {
    #expect(Deadline.after(.seconds(-1)).hasPassed)
    #expect(Deadline.now.hasPassed)
    #expect(!Deadline.after(.seconds(60)).hasPassed)
  }
}

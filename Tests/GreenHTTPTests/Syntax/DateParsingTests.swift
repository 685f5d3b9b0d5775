import SuiteSupport
import Testing

@testable import GreenHTTP

/// Dates as clients send them: RFC 9110, 5.6.7.
@Suite(.bounded) struct DateParsingTests {
  private let now: Int64 = 1_764_000_000

  @Test func eachDateThatIsWrittenIsRead() {
    var random = Seeded(3)
    for _ in 0..<5_000 {
      let seconds = Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)
      #expect(HTTPDate.parse(HTTPDate.text(seconds), now: now) == seconds)
    }
  }

  @Test func aYearOfTwoDigitsLiesNoMoreThanFiftyYearsAhead() {
    #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == 784_111_777)
    #expect(
      HTTPDate.parse("Monday, 06-Nov-28 08:49:37 GMT", now: now)
        == HTTPDate.parse("Mon, 06 Nov 2028 08:49:37 GMT", now: now))
    #expect(
      HTTPDate.parse("Monday, 06-Nov-75 08:49:37 GMT", now: now)
        == HTTPDate.parse("Wed, 06 Nov 2075 08:49:37 GMT", now: now))
    #expect(
      HTTPDate.parse("Monday, 06-Nov-76 08:49:37 GMT", now: now)
        == HTTPDate.parse("Sat, 06 Nov 1976 08:49:37 GMT", now: now))
  }

  @Test(arguments: [
    "", "Sun", "now", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 194 08:49:37 GMT", "Sun, 06 Nov 19944 08:49:37 GMT", "Sun, 6a Nov 1994 08:49:37 GMT",
    "Sun, 29 Feb 2023 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT and much more after it",
  ])
  func whatIsNotADateIsNone(text: String) { #expect(HTTPDate.parse(text, now: now) == nil) }

  @Test func theLastDayOfFebruaryInALeapYear() {
    #expect(HTTPDate.parse("Thu, 29 Feb 2024 00:00:00 GMT", now: now) == 1_709_164_800)
  }
}

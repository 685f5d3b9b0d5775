import Glibc
import GreenHTTP
import SuiteSupport
import Testing

@Suite(.bounded) struct DateTests {
  private func ours(_ second: Int64) -> String {
    String(unsafeUninitializedCapacity: HTTPDate.length) { buffer in
      HTTPDate.write(second, to: UnsafeMutableRawPointer(buffer.baseAddress!))
      return HTTPDate.length
    }
  }

  private func theirs(_ second: Int64) -> String {
    var time = time_t(second)
    var parts = tm()
    gmtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test func theExampleOfTheStandard() {
    #expect(ours(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test func everyDayOfFourCenturiesIsThatOfStrftime() {
    // From 1900 on, so that a century with and three without a leap day are among them.
    for day in Int64(-25_567)..<(-25_567 + 146_097) {
      let second = day * 86_400 + (day &* 7_919 % 86_400 + 86_400) % 86_400
      guard ours(second) == theirs(second) else {
        Issue.record("\(second): \(ours(second)) is not \(theirs(second))")
        return
      }
    }
  }

  @Test func timesOutOfRangeAreBroughtToItsEnds() {
    #expect(ours(.min) == "Sat, 01 Jan 0000 00:00:00 GMT")
    #expect(ours(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
  }
}

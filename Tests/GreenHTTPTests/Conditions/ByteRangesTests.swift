import SuiteSupport
import Testing

@testable import GreenHTTP

/// `Range` as it is written: RFC 9110, 14.1.
@Suite(.bounded) struct ByteRangesTests {
  private func parts(_ field: String, of length: Int = 10_000) -> [Range<Int>]? {
    if case .parts(let parts) = ByteRanges.parse(field, length: length) { parts } else { nil }
  }

  @Test func theExamplesOfTheStandard() {
    #expect(parts("bytes=0-499") == [0..<500])
    #expect(parts("bytes=500-999") == [500..<1000])
    #expect(parts("bytes=-500") == [9_500..<10_000])
    #expect(parts("bytes=9500-") == [9_500..<10_000])
    #expect(parts("bytes=0-0,-1") == [0..<1, 9_999..<10_000])
    #expect(parts("bytes= 0-0 , , -1 ") == [0..<1, 9_999..<10_000])
    #expect(parts("bytes=500-600,601-999") == [500..<1000])
    #expect(parts("bytes=500-700,601-999") == [500..<1000])
    #expect(parts("Bytes=0-1") == [0..<2])
  }

  @Test func anEndBeyondTheEndIsTheEnd() {
    #expect(parts("bytes=9990-20000") == [9_990..<10_000])
    #expect(parts("bytes=-20000") == [0..<10_000])
  }

  @Test(arguments: [
    "bytes=0-9223372036854775807", "bytes=0-9223372036854775808", "bytes=0-99999999999999999999999999999999",
    "bytes=-9223372036854775808", "bytes=-99999999999999999999999999",
  ])
  func numbersOfAnySizeAreNumbers(field: String) { #expect(parts(field) == [0..<10_000]) }

  @Test(arguments: [
    "bytes=10000-", "bytes=10000-10001", "bytes=99999999999999999999-", "bytes=-0", "bytes=20000-30000,-0",
    "bytes=9223372036854775807-9223372036854775807", "bytes=99999999999999999999-99999999999999999999",
  ])
  func whatIsNotThereCannotBeHad(field: String) {
    #expect(ByteRanges.parse(field, length: 10_000) == .unsatisfiable)
  }

  @Test(arguments: [
    "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=1-0", "bytes=--1", "bytes=1--2",
    "bytes=0x1-2", "bytes=+1-2", "bytes=1-+2", "bytes=1 -2", "items=0-1", "bytes=0-1;2-3", "bytes:0-1", "bytes=0-1-2",
    "bytes=٠-١",
  ])
  func whatIsMalformedAsksForTheWhole(field: String) { #expect(ByteRanges.parse(field, length: 10_000) == .whole) }

  @Test func manyPartsAskForTheWhole() {
    let some = (0..<16).map { "\($0 * 600)-\($0 * 600)" }.joined(separator: ",")
    #expect(parts("bytes=\(some)")?.count == 16)
    #expect(ByteRanges.parse("bytes=\(some),9999-9999", length: 10_000) == .whole)
    let many = String(repeating: "0-0,", count: 100_000)
    #expect(ByteRanges.parse("bytes=\(many)", length: 10_000) == .whole)
  }

  @Test func theOrderIsTheClientsUnlessPartsAreJoined() {
    #expect(parts("bytes=5000-5001,0-1") == [5_000..<5_002, 0..<2])
    #expect(parts("bytes=5000-5001,0-1,1-2") == [0..<3, 5_000..<5_002])
    #expect(parts("bytes=0-,0-,0-,0-") == [0..<10_000])
  }

  @Test func ofNothingThereAreNoParts() { #expect(ByteRanges.parse("bytes=0-", length: 0) == .whole) }

  @Test func noPartsOverlapWhateverIsAsked() {
    var random = Seeded(7)
    for _ in 0..<3_000 {
      let length = Int.random(in: 1...5_000, using: &random)
      let field = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        let first = Int.random(in: 0...6_000, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "-\(first)"
        case 1: return "\(first)-"
        default: return "\(first)-\(first + Int.random(in: 0...300, using: &random))"
        }
      }
      guard let parts = parts("bytes=" + field.joined(separator: ","), of: length) else { continue }
      var seen = Set<Int>()
      for part in parts {
        #expect(!part.isEmpty && part.lowerBound >= 0 && part.upperBound <= length)
        for place in part { #expect(seen.insert(place).inserted) }
      }
    }
  }
}

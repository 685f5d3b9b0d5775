import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct LogRateTests {
  @Test func `ten lines a second are written, and the others counted and told once`() {
    var rate = LogRate()
    let written = (0..<1000).filter { rate.next(at: Int64($0) * 100_000).isWritten }
    #expect(written.count == 10)
    let next = rate.next(at: 1_000_000_000)
    #expect(next.isWritten && next.omitted == 990)
    #expect(rate.next(at: 2_000_000_000).omitted == 0)
    #expect(rate.takeOmitted() == 0)
  }
}

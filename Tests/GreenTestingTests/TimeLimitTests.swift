import Foundation
import SuiteSupport
import TestSupport
import Testing

/// What `.bounded` promises, tried in another run of the tests.
@Suite(.bounded) struct TimeLimitTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TEST_HANGS"] != nil, "only where another test asks for it"))
  func aTestThatHangs() { while true { sleep(1) } }

  @Test func aTestThatHangsEndsTheRunWithItsName() throws {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let outcome = try Program(tests).run(
      ["--testing-library", "swift-testing", "--filter", #"TimeLimitTests/aTestThatHangs\(\)"#],
      environment: ["TEST_HANGS": "1", "TEST_LIMIT": "2", "SWIFT_BACKTRACE": "enable=no"])
    #expect(outcome.status == 128 + SIGABRT, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains("TimeLimitTests/aTestThatHangs()"), "\(outcome.errors)")
    #expect(outcome.errors.contains("hangs: nothing has happened for 2 s"), "\(outcome.errors)")
  }
}

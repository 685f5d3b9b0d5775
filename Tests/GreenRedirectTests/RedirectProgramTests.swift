import Green
import SuiteSupport
import TestSupport
import Testing

private let program = CaseProgram("redirect")

@Suite(.bounded) struct RedirectProgramTests {
  @Test func itHasCases() { #expect(program.cases.count > 30) }

  // On a busy machine the watchdog's signal would end a call with EINTR, and the hub would look up names and lines for
  // its report while a case counts what others do.
  private static let environment = ["GREEN_MAX_BLOCKING_TIME": "0"]

  @Test(arguments: program.cases)
  func inAFiber(_ name: String) throws { try program.passes(name, environment: Self.environment) }

  /// All but what asks for the thread's own values: that is what such a fiber is not to see.
  @Test(arguments: program.cases.filter { !$0.hasPrefix("keys made in keysPerFiber") })
  func inAFiberThatIsAThread(_ name: String) throws {
    let isolation = ["CASE_ISOLATION": FiberIsolation.thread.rawValue]
    try program.passes(name, environment: Self.environment.merging(isolation) { $1 })
  }

  @Test func aLoopThatGoesOnInACancelledFiberIsReportedOnce() throws {
    let outcome = try Program("redirect").run(["a loop in a cancelled fiber"], environment: Self.environment)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let reports = outcome.errors.split(separator: "\n")
    #expect(reports.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("\"stubborn\", spawned at redirect/CancellationCases.swift:"), "\(outcome.errors)")
  }
}

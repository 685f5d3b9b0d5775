import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct DifferentialTests {
  /// A sixth of the cases each.
  @Test(arguments: 0..<6)
  func callsDoTheSameOnAThreadAndInAFiber(_ slice: Int) throws {
    // On a busy machine the watchdog's signal would end a call with EINTR.
    let outcome = try Program("differential").run(
      ["--slice", "\(slice)"], environment: ["GREEN_MAX_BLOCKING_TIME": "0"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}

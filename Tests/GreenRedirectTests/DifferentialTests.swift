import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct DifferentialTests {
  /// Half of the cases each, in three programs at once, which mostly wait.
  @Test(arguments: [[0, 1, 2], [3, 4, 5]])
  func callsDoTheSameOnAThreadAndInAFiber(_ slices: [Int]) throws {
    try inParallel(
      slices.map { slice in
        {
          // On a busy machine the watchdog's signal would end a call with EINTR.
          let outcome = try Program("differential").run(
            ["--slice", "\(slice)"], environment: ["GREEN_MAX_BLOCKING_TIME": "0"])
          #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
      })
  }
}

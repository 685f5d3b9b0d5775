import FuzzTargets
import SuiteSupport
import TestSupport
import Testing

/// The inputs that fuzzing has kept, once more: `make fuzz` looks for others.
@Suite(.bounded) struct ReplayTests {
  @Test(arguments: FuzzTarget.allCases)
  func whatFuzzingHasFoundStaysMended(_ target: FuzzTarget) throws {
    let inputs = try target.keptInputs()
    #expect(!inputs.isEmpty)
    try onThread {
      for input in inputs { #expect(target.complaint(about: input) == nil, "\(input)") }
    }
  }
}

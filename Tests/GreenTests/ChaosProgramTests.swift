import SuiteSupport
import Testing

private let program = CaseProgram("chaos")

@Suite(.bounded) struct ChaosProgramTests {
  @Test func itHasCases() { #expect(program.cases.count > 15) }

  @Test(arguments: program.cases)
  func whenCallsFail(_ name: String) throws { try program.passes(name) }
}

import SuiteSupport
import TestSupport
import Testing

/// Words of a program's own: `app.command`.
@Suite(.bounded) struct OwnCommandTests {
  private let program = Program("app")

  @Test func itIsGivenTheRestOfTheLine() throws {
    let outcome = try program.run(["join", "a", "b c", "--bind", "-k", "serve", ""])
    #expect(outcome.status == 0 && outcome.output == "a|b c|--bind|-k|serve|\n", "\(outcome)")
  }

  @Test func anAsyncOneIsWaitedFor() throws {
    let outcome = try program.run(["later", "a", "b"])
    #expect(outcome.status == 0 && outcome.output == "2 words, later\n", "\(outcome)")
  }

  @Test func whatItThrowsIsShownAndEndsTheProgramWithStatus1() throws {
    let outcome = try program.run(["fails"])
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("Error: Broken()\n"), "\(outcome)")
  }

  @Test func theyAreListed() throws {
    let outcome = try program.run(["commands"])
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0, "\(outcome)")
    for line in ["join   Joins its words", "later  Says how many words there are, later", "fails  Throws"] {
      #expect(lines.contains { $0 == line }, "\(outcome.output)")
    }
  }
}

import TestSupport
import Testing

/// The cases of a program, one test each, each in a process of its own.
private func cases(of program: String) -> [String] {
  let listing = try? Program(program).run(["--list"])
  return (listing?.output ?? "").split(separator: "\n").map(String.init)
}

private func passes(_ program: String, _ name: String, environment: [String: String] = [:]) throws {
  let outcome = try Program(program).run([name], environment: environment)
  #expect(outcome.status == 0 && outcome.output == "ok     \(name)\n", "\(outcome.output)\(outcome.errors)")
}

@Suite struct RedirectProgramTests {
  @Test func itHasCases() { #expect(cases(of: "redirect").count > 30) }

  @Test(arguments: cases(of: "redirect"))
  func inAFiber(_ name: String) throws { try passes("redirect", name) }
}

@Suite struct RuntimeProgramTests {
  @Test func itHasCases() { #expect(cases(of: "runtime").count > 5) }

  @Test(arguments: cases(of: "runtime"))
  func holds(_ name: String) throws { try passes("runtime", name) }

  @Test(arguments: cases(of: "runtime"))
  func holdsWhereOnlyAccessesAreKeptApart(_ name: String) throws {
    try passes("runtime", name, environment: ["GREEN_RUNTIME_LOCALS": "accesses"])
  }

  @Test(arguments: [("", "256 KB"), ("65536", "64 KB")])
  func anOverflowNamesTheFiberItsStackAndTheSetting(_ setting: String, _ size: String) throws {
    let environment = ["SWIFT_BACKTRACE": "enable=no"].merging(setting.isEmpty ? [:] : ["GREEN_STACK_SIZE": setting]) {
      $1
    }
    let outcome = try Program("runtime").run(["overflow"], environment: environment)
    #expect(outcome.status == 128 + 11)
    #expect(outcome.errors.contains("\"GET /deep\" overflowed its stack of \(size)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("GREEN_STACK_SIZE"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test func swiftsCrashReportFollowsAnOverflow() throws {
    let outcome = try Program("runtime").run(
      ["overflow"], environment: ["SWIFT_BACKTRACE": "enable=yes,color=no,interactive=no,limit=16"])
    #expect(outcome.errors.contains("overflowed its stack"))
    let report = outcome.errors + outcome.output
    #expect(report.contains("crashed") && report.contains("descend"), "\(report)")
  }

  @Test func anotherCrashIsNotCalledAnOverflow() throws {
    let outcome = try Program("runtime").run(["a null pointer"], environment: ["SWIFT_BACKTRACE": "enable=no"])
    #expect(outcome.status == 128 + 11)
    #expect(!outcome.errors.contains("overflowed"), "\(outcome.errors)")
  }

  @Test func anErrorNobodyReadsIsReportedWithTheFibersName() throws {
    let outcome = try Program("runtime").run(["an unread error"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("\"lonely\"") && outcome.errors.contains("it broke"), "\(outcome.errors)")
  }
}

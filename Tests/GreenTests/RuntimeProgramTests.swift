import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Where the backtracer is: a statically linked program does not know.
private let backtracer: String = {
  let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
  let candidates = folders.map { "\($0)/../libexec/swift/linux/swift-backtrace" }
  return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }.map { ",swift-backtrace=\($0)" } ?? ""
}()

/// For programs that are to crash: what Swift's backtracer does, and that a sanitizer leaves the signals to it.
private func crashing(backtrace: String) -> [String: String] {
  let options = "handle_segv=0:handle_sigbus=0"
  return ["SWIFT_BACKTRACE": backtrace, "ASAN_OPTIONS": options + ":detect_leaks=0", "TSAN_OPTIONS": options]
}

private let program = CaseProgram("runtime")

@Suite(.bounded) struct RuntimeProgramTests {
  @Test func itHasCases() { #expect(program.cases.count > 5) }

  @Test(arguments: program.cases)
  func holds(_ name: String) throws { try program.passes(name) }

  @Test(arguments: program.cases)
  func holdsWhereOnlyAccessesAreKeptApart(_ name: String) throws {
    try program.passes(name, environment: ["GREEN_RUNTIME_LOCALS": "accesses"])
  }

  @Test(arguments: [("", "512 KB"), ("65536", "64 KB")])
  func anOverflowNamesTheFiberItsStackAndTheSetting(_ setting: String, _ size: String) throws {
    var environment = crashing(backtrace: "enable=no")
    if !setting.isEmpty { environment["GREEN_STACK_SIZE"] = setting }
    let outcome = try Program("runtime").run(["overflow"], environment: environment)
    #expect(outcome.status == 128 + 11)
    #expect(outcome.errors.contains("\"GET /deep\" overflowed its stack of \(size)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("GREEN_STACK_SIZE"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer's memory is beyond what Swift's crash reporter can read"))
  func swiftsCrashReportFollowsAnOverflow() throws {
    let outcome = try Program("runtime").run(
      ["overflow"], environment: crashing(backtrace: "enable=yes,color=no,interactive=no,limit=16" + backtracer))
    #expect(outcome.errors.contains("overflowed its stack"))
    let report = outcome.errors + outcome.output
    #expect(report.contains("crashed") && report.contains("descend"), "\(report)")
  }

  @Test func anotherCrashIsNotCalledAnOverflow() throws {
    let outcome = try Program("runtime").run(["a null pointer"], environment: crashing(backtrace: "enable=no"))
    #expect(outcome.status == 128 + 11)
    #expect(!outcome.errors.contains("overflowed"), "\(outcome.errors)")
  }

  @Test func aStackCensusThatTheEnvironmentAsksForIsToldWhenTheHubEnds() throws {
    let outcome = try Program("runtime").run(["stacks of two depths"], environment: ["GREEN_STACK_CENSUS": "1"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let tables = outcome.errors.components(separatedBy: "greenfinch: hub of thread ").dropFirst()
    // The forked child ends first; what the parent counted is not its own.
    #expect(tables.count == 1, "\(outcome.errors)")
    let rows = try #require(tables.last).split(separator: "\n").dropFirst(2).map { $0.split(separator: " ") }
    #expect(rows.count == 3 && rows.allSatisfy { $0.count == 4 }, "\(outcome.errors)")
    #expect(rows[0][2] == "5" && rows[0][3].hasPrefix("runtime/InspectCases.swift:"), "\(outcome.errors)")
    #expect(Int(rows[0][0]).map { $0 > 6000 } == true, "\(outcome.errors)")
    let silent = try Program("runtime").run(["stacks of two depths"])
    #expect(silent.status == 0 && !silent.errors.contains("hub of thread"), "\(silent.errors)")
  }

  @Test func anErrorNobodyReadsIsReportedWithTheFibersName() throws {
    let outcome = try Program("runtime").run(["an unread error"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("\"lonely\"") && outcome.errors.contains("it broke"), "\(outcome.errors)")
  }
}

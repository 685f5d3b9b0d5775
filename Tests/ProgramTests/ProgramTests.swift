import Foundation
import TestSupport
import Testing

/// The cases of a program, one test each, each in a process of its own.
private func cases(of program: String) -> [String] {
  let listing = try? Program(program).run(["--list"])
  return (listing?.output ?? "").split(separator: "\n").map(String.init)
}

private func passes(_ program: String, _ name: String, environment: [String: String] = [:]) throws {
  let outcome = try Program(program).run(
    [name], environment: ["ASAN_OPTIONS": "detect_leaks=1"].merging(environment) { $1 })
  #expect(outcome.status == 0 && outcome.output == "ok     \(name)\n", "\(outcome.output)\(outcome.errors)")
}

/// Where the backtracer is: a statically linked program does not know.
private let backtracer: String = {
  let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
  let candidates = folders.map { "\($0)/../libexec/swift/linux/swift-backtrace" }
  return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }.map { ",swift-backtrace=\($0)" } ?? ""
}()

/// For programs that are to crash: what Swift's backtracer does, and that a sanitizer leaves the signals to it.
private func crashing(backtrace: String) -> [String: String] {
  ["SWIFT_BACKTRACE": backtrace, "ASAN_OPTIONS": "handle_segv=0:handle_sigbus=0:detect_leaks=0"]
}

@Suite struct RedirectProgramTests {
  @Test func itHasCases() { #expect(cases(of: "redirect").count > 30) }

  @Test(arguments: cases(of: "redirect"))
  func inAFiber(_ name: String) throws { try passes("redirect", name) }

  @Test func aLoopThatGoesOnInACancelledFiberIsReportedOnce() throws {
    let outcome = try Program("redirect").run(["a loop in a cancelled fiber"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let reports = outcome.errors.split(separator: "\n")
    #expect(reports.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("\"stubborn\", spawned at redirect/CancellationCases.swift:"), "\(outcome.errors)")
  }
}

@Suite struct ChaosProgramTests {
  @Test func itHasCases() { #expect(cases(of: "chaos").count > 15) }

  @Test(arguments: cases(of: "chaos"))
  func whenCallsFail(_ name: String) throws { try passes("chaos", name) }
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
    var environment = crashing(backtrace: "enable=no")
    if !setting.isEmpty { environment["GREEN_STACK_SIZE"] = setting }
    let outcome = try Program("runtime").run(["overflow"], environment: environment)
    #expect(outcome.status == 128 + 11)
    #expect(outcome.errors.contains("\"GET /deep\" overflowed its stack of \(size)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("GREEN_STACK_SIZE"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  // AddressSanitizer's shadow memory is beyond what Swift's crash reporter can read.
  @Test(.disabled(if: ProcessInfo.processInfo.environment["GREENFINCH_SANITIZER"] == "address"))
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

  @Test func anErrorNobodyReadsIsReportedWithTheFibersName() throws {
    let outcome = try Program("runtime").run(["an unread error"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("\"lonely\"") && outcome.errors.contains("it broke"), "\(outcome.errors)")
  }
}

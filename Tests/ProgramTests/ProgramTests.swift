import Foundation
import Green
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
  if outcome.status == 0 && outcome.output.hasPrefix("skipped \(name): ") { try Test.cancel("\(outcome.output)") }
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
  let options = "handle_segv=0:handle_sigbus=0"
  return ["SWIFT_BACKTRACE": backtrace, "ASAN_OPTIONS": options + ":detect_leaks=0", "TSAN_OPTIONS": options]
}

@Suite struct RedirectProgramTests {
  @Test func itHasCases() { #expect(cases(of: "redirect").count > 30) }

  @Test(arguments: cases(of: "redirect"))
  func inAFiber(_ name: String) throws { try passes("redirect", name) }

  /// All but what asks for the thread's own values: that is what such a fiber is not to see.
  @Test(arguments: cases(of: "redirect").filter { !$0.hasPrefix("keys made in keysPerFiber") })
  func inAFiberThatIsAThread(_ name: String) throws {
    try passes("redirect", name, environment: ["CASE_ISOLATION": FiberIsolation.thread.rawValue])
  }

  @Test func aLoopThatGoesOnInACancelledFiberIsReportedOnce() throws {
    let outcome = try Program("redirect").run(["a loop in a cancelled fiber"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let reports = outcome.errors.split(separator: "\n")
    #expect(reports.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("\"stubborn\", spawned at redirect/CancellationCases.swift:"), "\(outcome.errors)")
  }
}

@Suite struct TaskProgramTests {
  /// A task that sleeps when its hub ends is left as it is, as at the end of a process.
  private let leaks = ["ASAN_OPTIONS": "detect_leaks=0"]

  @Test func itHasCases() { #expect(cases(of: "tasks").count > 20) }

  @Test(arguments: cases(of: "tasks"))
  func onTheHub(_ name: String) throws { try passes("tasks", name, environment: leaks) }

  @Test(arguments: cases(of: "tasks"))
  func byPreference(_ name: String) throws {
    try passes("tasks", name, environment: leaks.merging(["GREEN_TASKS": "preference"]) { $1 })
  }

  @Test func theMainActorIsServedWithoutTaskRuntime() throws {
    try passes("tasks", "code of the main actor is awaited", environment: leaks.merging(["CASE_TASKS": "none"]) { $1 })
  }

  @Test(arguments: cases(of: "tasks"))
  func inTheHubItself(_ name: String) throws {
    try passes("tasks", name, environment: leaks.merging(["GREEN_RUNTIME_LOCALS": "accesses"]) { $1 })
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

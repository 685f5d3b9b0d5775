import SuiteSupport
import TestSupport
import Testing

private let program = CaseProgram("tasks")

@Suite(.bounded) struct TaskProgramTests {
  /// A task that sleeps when its hub ends is left as it is, as at the end of a process.
  private let leaks = ["ASAN_OPTIONS": "detect_leaks=0"]

  @Test func itHasCases() { #expect(program.cases.count > 20) }

  @Test(arguments: program.cases)
  func onTheHub(_ name: String) throws { try program.passes(name, environment: leaks) }

  @Test(arguments: program.cases)
  func byPreference(_ name: String) throws {
    try program.passes(name, environment: leaks.merging(["GREEN_TASKS": "preference"]) { $1 })
  }

  @Test func theMainActorIsServedWithoutTaskRuntime() throws {
    try program.passes("code of the main actor is awaited", environment: leaks.merging(["CASE_TASKS": "none"]) { $1 })
  }

  @Test func tasksForWhichNoHubEverComesAreToldOfAtTheEnd() throws {
    let outcome = try Program("tasks").run([], environment: leaks.merging(["CASE_TASKS": "alone"]) { $1 })
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    guard outcome.output.contains("process") else { return }
    #expect(outcome.output == "process\n")
    #expect(outcome.errors.contains("greenfinch: 2 tasks have not gone on: no thread of the process has run a hub."))
  }

  @Test func tasksWhoseHubHasEndedAreNotToldOf() throws {
    let outcome = try Program("tasks").run(["tasks are made while the hub ends"], environment: leaks)
    #expect(outcome.status == 0 && !outcome.errors.contains("not gone on"), "\(outcome.output)\(outcome.errors)")
  }

  @Test func aForkedChildAwaitsOnAThreadOfItsOwnWithoutTaskRuntime() throws {
    try program.passes(
      "a forked child awaits on a thread of its own", environment: leaks.merging(["CASE_TASKS": "none"]) { $1 })
  }

  @Test func tasksThatAreMadeWhileTheirHubEndsRunInTheNext() throws {
    let names = ["tasks are made while the hub ends", "tasks that were made while the hub before ended run"]
    let outcome = try Program("tasks").run(names, environment: leaks)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count == 2, "\(outcome.output)")
  }

  @Test(arguments: program.cases)
  func inTheHubItself(_ name: String) throws {
    try program.passes(name, environment: leaks.merging(["GREEN_RUNTIME_LOCALS": "accesses"]) { $1 })
  }
}

import CaseSupport
import Glibc
import GreenTasks

// What the runtime promises about Swift's tasks, in processes whose executors are Green's: a test runner needs its own.

let way = getenv("CASE_TASKS").map { String(cString: $0) }
if way != "none" { TaskRuntime.install() }
if way == "alone" {
  // No hub ever comes for these.
  Task { print("has run") }
  Task.detached { print("has run") }
  print(TaskRuntime.mode == .process ? "process" : "preference")
} else {
  runCases(awaitCases + blockingCases + actorCases + bridgeCases + localCases + processCases + stressCases)
}

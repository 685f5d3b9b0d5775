import CaseSupport
import Glibc
import GreenTasks

// What the runtime promises about Swift's tasks, in processes whose executors are Green's: a test runner needs its own.

if getenv("CASE_TASKS") == nil { TaskRuntime.install() }
runCases(awaitCases + blockingCases + actorCases + bridgeCases + localCases + processCases + stressCases)

import CaseSupport
import GreenTasks

// What the runtime promises about Swift's tasks, in processes whose executors are Green's: a test runner needs its own.

TaskRuntime.install()
runCases(awaitCases + blockingCases + actorCases + bridgeCases + localCases + processCases + stressCases)

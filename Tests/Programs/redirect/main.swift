import CaseSupport
import Glibc
import GreenRedirect
import WaitCalls

// What the redirect promises, in a process that links it as servers do.

let linkCases = [
  Case("linking the module installs the redirect") { try expect(Redirect.isInstalled, "it is not installed") }
]

// Whoever starts the program may block signals, and children inherit that.
for signal in [SIGUSR1, SIGUSR2, SIGINT, SIGQUIT] { calls_block(signal, 0) }
runCases(
  linkCases + sleepCases + descriptorCases + selectCases + connectionCases + lockCases + swiftMutexCases + futexCases
    + cxxCases
    + yieldCases + runtimeLockCases + deviceCases + pipeCases + lingerCases + elsewhereCases + glibCases + moduleCases
    + endingCases
    + cancellationCases
    + passThroughCases
    + closingCases + conditionCases + semaphoreCases + readWriteLockCases + callbackCases + childCases + signalCases
    + streamCases + specificCases + nameCases + threadStateCases + stackCases + dispatchCases + dispatchWaitCases
    + isolationCases + fairnessCases + holdCases + streamHoldCases + spliceCases
    + leftLockedCases)

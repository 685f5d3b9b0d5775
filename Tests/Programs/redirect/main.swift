import CaseSupport
import GreenRedirect

// What the redirect promises, in a process that links it as servers do.

let linkCases = [
  Case("linking the module installs the redirect") { try expect(Redirect.isInstalled, "it is not installed") }
]

runCases(
  linkCases + sleepCases + descriptorCases + connectionCases + lockCases + swiftMutexCases + cancellationCases
    + passThroughCases
    + closingCases + conditionCases + semaphoreCases + readWriteLockCases + childCases + signalCases + streamCases
    + specificCases + nameCases)

import CaseSupport

// What the runtime promises about whole processes: forks, crashes, and the Swift runtime's own state.

runCases(
  localsCases + processCases + forkCases + signalCases + childCases + fileCases + offloadCases + streamCases
    + testHubCases + inspectCases + deadlockCases)

import CaseSupport

// What the runtime promises about whole processes: forks, crashes, and the Swift runtime's own state.

runCases(localsCases + processCases + signalCases + childCases + fileCases + offloadCases + streamCases)

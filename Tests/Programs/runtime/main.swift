import CaseSupport

// What the runtime promises about whole processes: forks, crashes, and the Swift runtime's own state.

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "stress" { runStress(Array(arguments.dropFirst())) }

let groups: [[Case]] = [
  localsCases, processCases, forkCases, signalCases, childCases, descriptorCases, fileCases, offloadCases, streamCases,
  requirementCases,
  testHubCases, inspectCases, hiddenInspectCases, deadlockCases + callbackCases, syncCases, reportCases,
  stressCases,
]
runCases(groups.flatMap { $0 })

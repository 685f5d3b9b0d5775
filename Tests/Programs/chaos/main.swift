import CaseSupport

// What the runtime promises when system calls fail: every error reaches its caller, no byte is lost or doubled, nothing
// hangs, no descriptor leaks.

runCases(passingCases + failingCases + limitCases)

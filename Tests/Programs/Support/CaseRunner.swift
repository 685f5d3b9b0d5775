internal import Glibc
internal import Green

/// The main function of a program of cases:
///
///     PROGRAM --list            names the cases
///     PROGRAM [NAME …]          runs them, all without a name
///
/// Each case runs in the first fiber of a hub of its own. Ends the process with status 1 when one failed.
public func runCases(_ cases: [Case]) -> Never {
  let wanted = Array(CommandLine.arguments.dropFirst())
  if wanted == ["--list"] {
    for one in cases where !one.isHidden { print(one.name) }
    exit(0)
  }
  var failed = 0
  for one in cases where wanted.isEmpty ? !one.isHidden : wanted.contains(one.name) {
    if let reason = one.reasonToSkip {
      print("skipped \(one.name): \(reason)")
      continue
    }
    do {
      // A case that hangs ends the process with SIGALRM instead of hanging whoever waits for it. Sanitizers take
      // their time, and so do machines that do much else.
      alarm(Sanitizer.current == nil ? 120 : 300)
      try Hub.run { try one.body() }
      print("ok     \(one.name)")
    } catch {
      print("FAILED \(one.name): \(error)")
      failed += 1
    }
  }
  exit(failed == 0 ? 0 : 1)
}

import Glibc
import Green
import GreenRedirect

// redirect --list            names the cases
// redirect NAME …            runs them, all without a name; ends with a line for each that failed and status 1

let cases = sleepCases + descriptorCases + connectionCases + lockCases
let wanted = Array(CommandLine.arguments.dropFirst())

if wanted == ["--list"] {
  for one in cases { print(one.name) }
  exit(0)
}

var failed = 0
for one in cases where wanted.isEmpty || wanted.contains(one.name) {
  do {
    // A case that hangs ends the process with SIGALRM instead of hanging whoever waits for it.
    alarm(20)
    try Hub.run { try one.body() }
    print("ok     \(one.name)")
  } catch {
    print("FAILED \(one.name): \(error)")
    failed += 1
  }
}
if !Redirect.isInstalled {
  print("FAILED the redirect is not installed")
  failed += 1
}
exit(failed == 0 ? 0 : 1)

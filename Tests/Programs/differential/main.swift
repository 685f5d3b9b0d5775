import CDifferential
import CaseSupport
import Glibc
import Green
import GreenRedirect

// One program of POSIX calls, run twice: plainly on a thread, and redirected in a fiber. What the calls returned and left
// in errno is compared case by case.
//
//     differential [PART OF A NAME …]   compares; status 1 when one differs
//     differential --verbose …          names each before it runs
//     differential --slice NUMBER       a sixth of the cases, 0 to 5
//     differential --list               names the cases

private func run(_ index: Int, in world: differential_world) -> String {
  var world = world
  guard let text = differential_run(index, &world) else { return "" }
  defer { free(text) }
  return String(cString: text)
}

private let arguments = CommandLine.arguments.dropFirst()
private let names = (0..<differential_count()).map { String(cString: differential_name($0)) }
if arguments.first == "--list" {
  for name in names { print(name) }
  exit(0)
}
private let isVerbose = arguments.first == "--verbose"
private let slice = arguments.first == "--slice" ? arguments.last.flatMap { Int($0) } : nil
private let slices = 6
private let parts = slice != nil ? [] : Array(isVerbose ? arguments.dropFirst() : arguments)
private var different = 0
private var compared = 0
private let lateness = Lateness()

// Unsafe: the thread has ended before anything else looks at it.
nonisolated(unsafe) private var plain = ""
for (index, name) in names.enumerated() where parts.isEmpty || parts.contains(where: { name.contains($0) }) {
  if let slice, index % slices != slice { continue }
  if isVerbose { print(name) }
  fflush(nil)
  var (redirected, tries) = ("", 0)
  repeat {
    _ = lateness.taken()
    // What hangs ends the process with SIGALRM.
    alarm(Sanitizer.current == nil ? 120 : 300)
    let thread = PlainThread { plain = run(index, in: threads) }
    thread.join()
    redirected = try Hub.run { run(index, in: fibers) }
    tries += 1
    // Where the machine does much else one of the two may have come too late for what the other was in time for: once or twice,
    // and more often where another thread was late too.
  } while plain != redirected && tries < (lateness.taken() >= 10 ? 8 : 3)
  compared += 1
  if plain == redirected {
    if tries > 1 { print("equal when tried again: \(name)") }
    continue
  }
  let isDocumented = documentedDifferences.contains { name.hasPrefix($0.name) }
  print("\(isDocumented ? "documented" : "DIFFERENT") \(name)\n--- on a thread\n\(plain)--- in a fiber\n\(redirected)")
  if !isDocumented { different += 1 }
}
print("\(compared) cases compared, \(different) different")
exit(different == 0 ? 0 : 1)

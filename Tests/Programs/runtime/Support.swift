import CaseSupport
import Glibc
import Green

/// Forks, runs `body` in the child and ends it with what `body` returned: its status as `waitpid` gives it, hence an exit
/// code of 7 is 7 * 256. An error in the child is exit code 99, and told on standard error.
func inForkedChild(_ body: () throws -> Int32) -> Int32 {
  let child = fork()
  if child == 0 {
    alarm(60)
    do {
      _exit(try body())
    } catch {
      let text = "in the child: \(error)\n"
      write(2, text, text.utf8.count)
      _exit(99)
    }
  }
  return waitFor(child)
}

/// Runs `body` in a forked child, for what cannot be taken back or needs a process without other threads.
func isolated(line: Int = #line, _ body: () throws -> Void) throws {
  let status = inForkedChild {
    try body()
    return 7
  }
  try expectEqual(status, exited(7), "the child's status", line: line)
}

/// Waits for a child without parking: its status as `waitpid` gives it, -1 when there is no such child.
func waitFor(_ child: pid_t) -> Int32 {
  var status: Int32 = -1
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status
}

func exited(_ code: Int32) -> Int32 { code << 8 }

/// The numbers of this process's open descriptors.
func openDescriptors() -> Set<Int32> { Set((0..<1024).filter { fcntl($0, F_GETFD) >= 0 }) }

/// How many threads this process has.
func threadCount() -> Int {
  guard let folder = opendir("/proc/self/task") else { return -1 }
  defer { closedir(folder) }
  var count = 0
  while let entry = readdir(folder) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
  return count
}

/// Whether the process's first thread waits in the kernel. One that is only kept from the processor does not.
func isFirstThreadAsleep() -> Bool {
  let file = open("/proc/self/task/\(getpid())/stat", O_RDONLY)
  guard file >= 0 else { return false }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = read(file, &bytes, bytes.count)
  // The state comes after the name, which may have any character in it: proc_pid_stat(5).
  let state = bytes.prefix(max(0, count)).lastIndex(of: UInt8(ascii: ")")).map { $0 + 2 }
  return state.map { $0 < count && bytes[$0] == UInt8(ascii: "S") } ?? false
}

/// Whether this process has a child that is still there, running or a zombie.
func hasChild() -> Bool {
  var information = siginfo_t()
  return waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0
}

/// Parks until the condition holds, for half a minute at most.
func eventually(_ what: @autoclosure () -> String, line: Int = #line, _ condition: () throws -> Bool) throws {
  let deadline = Deadline.after(.seconds(30))
  while try !condition() {
    try expect(!deadline.hasPassed, "\(what()) did not come to be", line: line)
    try Fiber.sleep(for: .milliseconds(2))
  }
}

/// The error that `body` throws, as text; nil when it throws none.
func thrown(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

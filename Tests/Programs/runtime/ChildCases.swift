import CSandbox
import CaseSupport
import Glibc
import Green

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// What a child does, with and without a descriptor of its process.
private func checkChildren() throws {
  let before = openDescriptors()
  try expectEqual(try ChildProcess.spawn(["sh", "-c", "exit 3"]).wait(), .exited(3))
  let sleeper = try ChildProcess.spawn(["sleep", "60"])
  let waiters = (0..<5).map { _ in Fiber.spawn { try sleeper.wait() } }
  try expectEqual(thrown { _ = try sleeper.wait(until: .after(.milliseconds(10))) } ?? "", "Connection timed out")
  try expectEqual(try sleeper.status, nil)
  try sleeper.kill(.terminate)
  for waiter in waiters { try expectEqual(try waiter.value, .signaled(.terminate, coreDumped: false)) }
  try sleeper.kill()
  let (status, output, _) = try ChildProcess.run(["cat"], input: Array("hello".utf8))
  try expectEqual(status, .exited(0))
  try expectEqual(text(output), "hello")
  let descriptors = try ChildProcess.run(["sh", "-c", "echo /proc/self/fd/*"])
  try expectEqual(text(descriptors.output), "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n")
  try expect(thrown { _ = try ChildProcess.spawn(["no such program"]) }?.contains("No such file") == true, "no error")
  let forked = fork()
  if forked == 0 { _exit(6) }
  try expectEqual(try ChildProcess(adopting: forked).wait(), .exited(6))
  try expect(thrown { _ = try ChildProcess(adopting: getpid()).wait() }?.contains("is lost") == true, "no error")
  try expect(!hasChild(), "a child is left")
  try expectEqual(openDescriptors(), before)
}

let childCases = [
  Case("children are waited for through descriptors of their own") { try checkChildren() },
  Case("children where the system has no descriptors for processes") {
    try isolated {
      try expectEqual(csandbox_without_process_descriptors(), 0, "the sandbox")
      try checkChildren()
      try together(
        (0..<50).map { number in
          { try expectEqual(try ChildProcess.run(["sh", "-c", "exit \(number)"]).status, .exited(Int32(number))) }
        })
      try expect(!hasChild(), "a child is left")
    }
  },
  Case("200 children at once") {
    let before = openDescriptors()
    try together(
      (0..<200).map { number in
        {
          let (status, output, error) = try ChildProcess.run(
            ["sh", "-c", "cat; echo x >&2; exit \(number)"], input: Array("\(number)".utf8))
          try expectEqual(status, .exited(Int32(number)))
          try expectEqual(text(output), "\(number)")
          try expectEqual(text(error), "x\n")
        }
      })
    try expect(!hasChild(), "a child is left")
    try expectEqual(openDescriptors(), before)
  },
  Case("a child has no signal blocked, ignored or handled") {
    let before = (signal(SIGUSR2, SIG_IGN), signal(SIGPIPE, SIG_IGN))
    var (blocked, mine, after) = (sigset_t(), sigset_t(), sigset_t())
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGUSR1)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    let signals = try Signals(.terminate)
    pthread_sigmask(SIG_BLOCK, nil, &mine)
    let status = try ChildProcess.run(["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"]).output
    let masks = text(status).split(separator: "\n")
    try expectEqual(masks.count, 2, "lines")
    for mask in masks { try expect(mask.hasSuffix("\t0000000000000000"), "\(mask)") }
    pthread_sigmask(SIG_BLOCK, nil, &after)
    for number in 1...Int32(64) {
      try expectEqual(sigismember(&after, number), sigismember(&mine, number), "this process's mask at \(number)")
    }
    withExtendedLifetime(signals) {}
    signal(SIGUSR2, before.0)
    signal(SIGPIPE, before.1)
    pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
  },
  Case("an object that goes away leaves no zombie") {
    // What the hub opens for its first short wait stays open; on a busy machine a sleep may be no wait.
    for _ in 0..<50 { try Fiber.sleep(for: .microseconds(500)) }
    let before = openDescriptors()
    for _ in 0..<5 { _ = try ChildProcess.spawn(["sleep", "0.3"]) }
    try expect(hasChild(), "no child")
    try eventually("children gone") { !hasChild() }
    try eventually("the same descriptors, \(openDescriptors()) for \(before),") { openDescriptors() == before }
  },
  Case("children whose hub has ended are reaped when the next one starts") {
    var pid: Int32 = 0
    PlainThread {
      try? Hub.run { pid = try ChildProcess.spawn(["sleep", "0.05"]).pid }
    }.join()
    try expect(pid > 0 && hasChild(), "no child")
    try Fiber.sleep(for: .milliseconds(200))
    try expect(hasChild(), "somebody has reaped it")
    try expectEqual(try ChildProcess.spawn(["true"]).wait(), .exited(0))
    try expect(!hasChild(), "a child is left")
  },
  Case("running out of descriptors while spawning is an error, and leaks none") {
    let before = openDescriptors()
    var limit = rlimit()
    getrlimit(.init(RLIMIT_NOFILE.rawValue), &limit)
    var outcomes: Set<String> = []
    for highest in 3..<before.max()! + 12 {
      var low = rlimit(rlim_cur: rlim_t(highest), rlim_max: limit.rlim_max)
      setrlimit(.init(RLIMIT_NOFILE.rawValue), &low)
      let outcome = thrown { try expectEqual(try ChildProcess.run(["cat"], input: [1, 2]).output, [1, 2]) } ?? "ran"
      setrlimit(.init(RLIMIT_NOFILE.rawValue), &limit)
      outcomes.insert(outcome.contains("Too many open files") ? "refused" : outcome)
      try expectEqual(openDescriptors(), before)
      try expect(!hasChild(), "a child is left")
    }
    try expectEqual(outcomes, ["ran", "refused"])
  },
  Case("a deadline kills the child, with its group where it has one") {
    let before = openDescriptors()
    let marker = "3987.\(getpid())"
    let text = thrown {
      _ = try ChildProcess.run(
        ["sh", "-c", "sleep \(marker) & sleep \(marker)"], group: .session, until: .after(.milliseconds(50)))
    }
    try expectEqual(text ?? "", "\"sh\" was killed at its deadline, with 0 bytes of output and 0 of errors read")
    try expect(!hasChild(), "a child is left")
    try expectEqual(openDescriptors(), before)
    try eventually("the group gone") {
      try ChildProcess.run(["pgrep", "-f", "^sleep \(marker)"]).status == .exited(1)
    }
  },
  Case("streams are put in their places whatever numbers they have") {
    let saved = (dup(0), dup(1))
    let (input, output) = (makePipe(), makePipe())
    close(0)
    close(1)
    defer {
      dup2(saved.0, 0)
      dup2(saved.1, 1)
    }
    // The pipes that are made for it get the numbers 0 and 1.
    try expectEqual(text(try ChildProcess.run(["cat"], input: Array("low".utf8)).output), "low")
    // Crossed: its input is descriptor 1 here, its output 0.
    dup2(input.read, 1)
    dup2(output.write, 0)
    write(input.write, "in\n", 3)
    close(input.write)
    let child = try ChildProcess.spawn(
      ["sh", "-c", "cat; echo err >&2"], input: .descriptor(1), output: .descriptor(0), error: .output)
    try expectEqual(try child.wait(), .exited(0))
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = read(output.read, &bytes, 32)
    try expectEqual(text(Array(bytes[..<max(0, count)])), "in\nerr\n")
  },
  Case("writing to a child that has ended is an error and no SIGPIPE") {
    let child = try ChildProcess.spawn(["true"], input: .pipe)
    _ = try child.wait()
    try expectEqual(thrown { try child.standardInput!.write("x") } ?? "", "Broken pipe")
    var pending = sigset_t()
    sigpending(&pending)
    try expectEqual(sigismember(&pending, SIGPIPE), 0, "pending")
  },
  Case("a status that somebody else took is an error") {
    let child = try ChildProcess.spawn(["true"])
    _ = waitFor(child.pid)
    try expect(thrown { _ = try child.wait() }?.contains("is lost") == true, "no error")
    signal(SIGCHLD, SIG_IGN)
    defer { signal(SIGCHLD, SIG_DFL) }
    let other = try ChildProcess.spawn(["true"])
    try expect(thrown { _ = try other.wait(until: .after(.seconds(10))) }?.contains("is lost") == true, "no error")
  },
  Case("a forked child has no children of its parent, and starts its own") {
    let child = try ChildProcess.spawn(["sleep", "0.3"])
    let waiter = Fiber.spawn { try child.wait() }
    _ = try ChildProcess.spawn(["sleep", "0.3"])
    try Fiber.sleep(for: .milliseconds(5))
    let status = inForkedChild {
      try expectEqual(Hub.current!.fiberCount, 1, "fibers")
      try expect(thrown { _ = try child.wait() }?.contains("forked from") == true, "no error")
      try expect(thrown { try child.kill() }?.contains("forked from") == true, "no error")
      try checkChildren()
      return 7
    }
    try expectEqual(status, exited(7), "the child's status")
    try expectEqual(try waiter.value, .exited(0))
    try eventually("both gone") { !hasChild() }
  },
]

import CCalls
import CaseSupport
import Glibc
import Green

/// A child that ends with a status after a while, by a shell.
func spawn(_ script: String) throws -> pid_t {
  var pid = pid_t()
  let arguments = (["sh", "-c", script] as [String]).map { strdup($0) } + [nil]
  defer { for argument in arguments { free(argument) } }
  try expectEqual(posix_spawn(&pid, "/bin/sh", nil, nil, arguments, environ), 0, "posix_spawn")
  return pid
}

func exited(_ status: CInt) -> CInt { (status & 0x7f) == 0 ? (status >> 8) & 0xff : -1 }

let childCases = [
  Case("fifty fibers wait for fifty children at once in waitpid") {
    let elapsed = try seconds {
      try whileOthersRun {
        try together(
          (0..<50).map { index in
            {
              let pid = try spawn("sleep 1; exit \(index)")
              var status: CInt = 0
              try expectEqual(waitpid(pid, &status, 0), pid)
              try expectEqual(exited(status), CInt(index))
            }
          })
      }
    }
    try expect(elapsed < 30, "took \(elapsed) s")
  },
  Case("wait takes whichever child ends first, and fails without one") {
    try whileOthersRun {
      let (slow, quick) = (try spawn("exec sleep 60"), try spawn("sleep 0.1; exit 1"))
      var status: CInt = 0
      try expectEqual(wait(&status), quick)
      try expectEqual(exited(status), 1)
      let killer = Fiber.spawn {
        usleep(50_000)
        kill(slow, SIGKILL)
      }
      var usage = rusage()
      try expectEqual(wait4(-1, &status, 0, &usage), slow)
      try expectEqual(status, SIGKILL)
      try killer.value
      try expectEqual(wait(&status), -1)
      try expectEqual(errno, ECHILD)
      try expectEqual(waitpid(getpid(), &status, 0), -1, "one that is no child")
      try expectEqual(errno, ECHILD)
      try expectEqual(waitpid(-1, &status, 1 << 20), -1, "options that are not")
      try expectEqual(errno, EINVAL)
    }
  },
  Case("several fibers in wait get a child each") {
    nonisolated(unsafe) var seen: [CInt] = []
    try whileOthersRun {
      for index in 0..<5 { _ = try spawn("sleep 0.\(index + 1); exit \(index)") }
      try together(
        (0..<5).map { _ in
          {
            var status: CInt = 0
            try expect(wait(&status) > 0, "wait failed with \(errno)")
            seen.append(exited(status))
          }
        })
    }
    try expectEqual(seen.sorted(), [0, 1, 2, 3, 4])
  },
  Case("WNOHANG does not wait, WUNTRACED and WCONTINUED tell of stops") {
    let pid = try spawn("sleep 30")
    var status: CInt = 0
    try expectEqual(waitpid(pid, &status, WNOHANG), 0, "WNOHANG")
    try whileOthersRun {
      var seen = 0
      let other = Fiber.spawn {
        // What a signal did is told only until the next one.
        for (index, signal) in [SIGSTOP, SIGCONT, SIGKILL].enumerated() {
          while seen < index { usleep(1000) }
          usleep(30_000)
          kill(pid, signal)
        }
      }
      try expectEqual(waitpid(pid, &status, WUNTRACED), pid)
      seen += 1
      try expectEqual(status, (SIGSTOP << 8) | 0x7f, "stopped")
      try expectEqual(waitpid(pid, &status, WUNTRACED | CInt(WCONTINUED)), pid)
      seen += 1
      try expectEqual(status, 0xffff, "continued")
      try expectEqual(waitpid(pid, &status, 0), pid)
      try expectEqual(status, SIGKILL, "killed")
      try other.value
    }
  },
  Case("waitid tells, and with WNOWAIT leaves the child") {
    let pid = try spawn("sleep 0.1; exit 9")
    try whileOthersRun {
      var info = siginfo_t()
      try expectEqual(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT), 0)
      try expectEqual(info.si_signo, SIGCHLD)
      try expectEqual(info.si_code, CInt(CLD_EXITED))
      try expectEqual(waitid(P_ALL, 0, nil, WEXITED), 0, "without a place for the answer")
      try expectEqual(waitid(P_PID, id_t(pid), &info, WEXITED), -1)
      try expectEqual(errno, ECHILD)
    }
  },
  Case("a cancelled fiber's wait for a child fails, and the child can be waited for again") {
    let pid = try spawn("exec sleep 60")
    for everyone in [false, true] {
      let fiber = Fiber.spawn {
        try expectEqual(waitpid(everyone ? -1 : pid, nil, 0), -1)
        try expectEqual(errno, ECANCELED)
      }
      usleep(10_000)
      fiber.cancel()
      try fiber.value
    }
    let killer = Fiber.spawn {
      usleep(20_000)
      kill(pid, SIGKILL)
    }
    var status: CInt = 0
    try expectEqual(waitpid(pid, &status, 0), pid)
    try expectEqual(status, SIGKILL)
    try killer.value
  },
  Case("waits for a child that are given up leave no thread each behind") {
    func threads() -> Int {
      var status = stat()
      // The links of the folder are "." and "..", and one for each thread.
      return stat("/proc/self/task", &status) == 0 ? Int(status.st_nlink) : 0
    }
    let pid = try spawn("sleep 30")
    let waits: [() -> pid_t] = [
      { wait(nil) }, { waitpid(pid, nil, WUNTRACED) }, { waitpid(-getpgrp(), nil, 0) },
      { waitid(P_ALL, 0, nil, WEXITED | WSTOPPED) },
    ]
    let before = threads()
    for _ in 0..<20 {
      try together(
        waits.map { wait in
          {
            do {
              try withTimeout(.milliseconds(5)) {
                try expectEqual(wait(), -1)
                try expectEqual(errno, ETIMEDOUT)
              }
            } catch is TimeoutError {}
          }
        })
    }
    try expect(threads() - before <= waits.count + 1, "\(threads() - before) threads more")
    // Those that are left serve whoever waits next.
    let killer = Fiber.spawn {
      usleep(20_000)
      kill(pid, SIGKILL)
    }
    try whileOthersRun { try expectEqual(wait(nil), pid) }
    try killer.value
  },
  Case("waits for any child use no descriptor that the program might close and open as something else") {
    let pid = try spawn("sleep 30")
    let lowest = dup(STDERR_FILENO)
    close(lowest)
    nonisolated(unsafe) var taken: [pid_t] = []
    let waiters = (0..<3).map { _ in Fiber.spawn { taken.append(wait(nil)) } }
    usleep(20_000)
    ccalls_close_range(lowest, lowest)
    var path = Array("/tmp/greenfinch-child-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    defer {
      unlink(path)
      close(file)
    }
    try expectEqual(file, lowest, "the number")
    kill(pid, SIGKILL)
    for waiter in waiters { try waiter.value }
    try expectEqual(taken.sorted(), [-1, -1, pid])
    var status = stat()
    try expectEqual(fstat(file, &status), 0)
    try expectEqual(status.st_size, 0, "bytes in the program's file")
  },
  Case("waitid waits for the child of a descriptor") {
    let pid = try spawn("sleep 0.1; exit 6")
    let descriptor = ccalls_open_process(pid)
    if descriptor < 0 && errno == ENOSYS { return }
    try whileOthersRun {
      var info = siginfo_t()
      try expectEqual(waitid(idtype_t(3), id_t(descriptor), &info, WEXITED), 0)
      try expectEqual(info.si_signo, SIGCHLD)
    }
    close(descriptor)
  },
  Case("fifty commands at once in system") {
    let elapsed = try seconds {
      try whileOthersRun {
        try together(
          (0..<50).map { index in { try expectEqual(exited(runShell("sleep 1; exit \(index)")), CInt(index)) } })
      }
    }
    try expect(elapsed < 30, "took \(elapsed) s")
    try expectEqual(exited(runShell("no-such-command 2>/dev/null")), 127)
    try expect(runShell(nil) != 0, "there is no shell")
    try expectEqual(runShell("kill -9 $$"), SIGKILL)
  },
  Case("system ignores SIGINT and SIGQUIT while a command runs, and no longer") {
    // Ignored already in a program that a shell has put into the background.
    signal(SIGINT, SIG_DFL)
    signal(SIGQUIT, SIG_DFL)
    let fiber = Fiber.spawn { try expectEqual(runShell("kill -INT \(getpid()); kill -QUIT \(getpid()); sleep 0.1"), 0) }
    try fiber.value
    var action = sigaction()
    sigaction(SIGINT, nil, &action)
    try expect(action.__sigaction_handler.sa_handler == nil, "SIGINT is not what it was")
  },
  Case("a cancelled fiber's command is ended") {
    let fiber = Fiber.spawn {
      try expectEqual(runShell("exec sleep 30"), -1)
      try expectEqual(errno, ECANCELED)
    }
    usleep(50_000)
    fiber.cancel()
    let elapsed = try seconds { try fiber.value }
    try expect(elapsed < 20, "took \(elapsed) s")
    try expectEqual(waitpid(-1, nil, WNOHANG), -1, "a child is left")
  },
  Case("twenty pipes from commands at once: popen, fgets, pclose") {
    let elapsed = try seconds {
      try whileOthersRun {
        try together(
          (0..<20).map { index in
            {
              let stream = popen("sleep 0.6; echo hello \(index); sleep 0.6; exit \(index)", "r")!
              var line = [CChar](repeating: 0, count: 64)
              try expect(fgets(&line, 64, stream) != nil, "no line")
              try expectEqual(text(line), "hello \(index)\n")
              try expect(fgets(&line, 64, stream) == nil && feof(stream) != 0, "more than a line")
              try expectEqual(exited(pclose(stream)), CInt(index))
            }
          })
      }
    }
    try expect(elapsed < 11, "took \(elapsed) s")
  },
  Case("a pipe to a command that does not read at once") {
    try whileOthersRun {
      let stream = popen("sleep 0.2; test $(wc -c) = 300000", "w")!
      let text = [UInt8](repeating: 120, count: 300_000)
      try expectEqual(fwrite(text, 1, text.count, stream), text.count)
      try expectEqual(pclose(stream), 0)
    }
  },
]

// Swift's Glibc does not show it.
@_silgen_name("system") private func runShell(_ command: UnsafePointer<CChar>?) -> CInt

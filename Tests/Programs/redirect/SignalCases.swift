import CCalls
import CaseSupport
import Glibc
import Green
import WaitCalls

private func set(_ numbers: CInt...) -> sigset_t {
  var set = sigset_t()
  sigemptyset(&set)
  for number in numbers { sigaddset(&set, number) }
  return set
}

let signalCases = [
  Case("a fiber waits for a signal in sigwait while others run") {
    calls_block(SIGUSR1, 1)
    defer { calls_block(SIGUSR1, 0) }
    try whileOthersRun {
      let sender = Fiber.spawn {
        usleep(40_000)
        kill(getpid(), SIGUSR1)
      }
      var wanted = set(SIGUSR1, SIGUSR2)
      var number: CInt = 0
      try expectEqual(sigwait(&wanted, &number), 0)
      try expectEqual(number, SIGUSR1)
      try sender.value
    }
  },
  Case("a signal that was not blocked is waited for too, and blocked no longer") {
    try whileOthersRun {
      let sender = Fiber.spawn {
        usleep(40_000)
        kill(getpid(), SIGUSR2)
      }
      var wanted = set(SIGUSR2)
      var number: CInt = 0
      try expectEqual(sigwait(&wanted, &number), 0)
      try expectEqual(number, SIGUSR2)
      try sender.value
    }
    var mask = sigset_t()
    pthread_sigmask(SIG_SETMASK, nil, &mask)
    try expectEqual(sigismember(&mask, SIGUSR2), 0)
  },
  Case("two fibers wait for different signals, and each gets its own with its value") {
    let (first, second) = (SIGRTMIN_, SIGRTMIN_ + 1)
    calls_block(first, 1)
    calls_block(second, 1)
    try together(
      {
        var value: CInt = 0
        for expected in 1...3 as ClosedRange<CInt> {
          try expectEqual(calls_take(first, 30_000, &value), first)
          try expectEqual(value, expected)
        }
      },
      {
        var value: CInt = 0
        try expectEqual(calls_take(second, -1, &value), second)
        try expectEqual(value, 7)
      },
      {
        usleep(20_000)
        for value in 1...3 as ClosedRange<CInt> { calls_queue(first, value) }
        usleep(20_000)
        calls_queue(second, 7)
      })
  },
  Case("sigtimedwait gives up at its time, and at once without any") {
    calls_block(SIGUSR1, 1)
    defer { calls_block(SIGUSR1, 0) }
    try whileOthersRun {
      var value: CInt = 0
      let elapsed = try seconds {
        try expectEqual(calls_take(SIGUSR1, 50, &value), -1)
        try expectEqual(errno, EAGAIN)
      }
      try expect(elapsed >= 0.045 && elapsed < 10, "took \(elapsed) s")
      try expectEqual(calls_take(SIGUSR1, 0, &value), -1)
      try expectEqual(errno, EAGAIN)
    }
  },
  Case("pause returns after a handler") {
    calls_count(SIGUSR1)
    defer { signal(SIGUSR1, SIG_DFL) }
    try whileOthersRun {
      let sender = Fiber.spawn {
        usleep(40_000)
        kill(getpid(), SIGUSR1)
      }
      try expectEqual(pause(), -1)
      try expectEqual(errno, EINTR)
      try expectEqual(calls_counted(), 1, "handlers run")
      try sender.value
    }
  },
  Case("sigsuspend lets through what its mask does") {
    calls_count(SIGUSR1)
    calls_block(SIGUSR1, 1)
    defer { signal(SIGUSR1, SIG_DFL) }
    try whileOthersRun {
      kill(getpid(), SIGUSR1)
      try expectEqual(calls_counted(), 0, "handlers run while it is blocked")
      try expectEqual(calls_suspend_for(SIGUSR1), -1)
      try expectEqual(errno, EINTR)
      try expectEqual(calls_counted(), 1, "handlers run")
      let sender = Fiber.spawn {
        usleep(40_000)
        kill(getpid(), SIGUSR1)
      }
      try expectEqual(calls_suspend_for(SIGUSR1), -1)
      try expectEqual(calls_counted(), 2, "handlers run")
      try sender.value
    }
    calls_block(SIGUSR1, 0)
  },
  Case("a program that is started while a fiber waits for a signal has it unblocked") {
    // The third digit from the end has SIGUSR2 as its highest bit.
    let script = "grep -q 'SigBlk:.*[0-7]..$' /proc/self/status"
    let waiter = Fiber.spawn {
      var wanted = set(SIGUSR2)
      var number: CInt = 0
      try expectEqual(sigwait(&wanted, &number), 0)
    }
    usleep(5000)
    try expectEqual(exited(system_(script)), 0, "system")
    var status: CInt = 0
    let spawned = try spawn(script)
    try expectEqual(waitpid(spawned, &status, 0), spawned)
    try expectEqual(exited(status), 0, "posix_spawn")
    let forked = fork_()
    if forked == 0 { ccalls_become_shell(script) }
    try expectEqual(waitpid(forked, &status, 0), forked)
    try expectEqual(exited(status), 0, "fork")
    // A sanitizer's vfork is its own.
    if Sanitizer.current == nil { try expectEqual(ccalls_vfork_shell(script), 0, "vfork") }
    try expect(!waiter.isFinished, "it has ended")
    kill(getpid(), SIGUSR2)
    try waiter.value
  },
  Case("a cancelled fiber's wait for a signal fails") {
    calls_block(SIGUSR1, 1)
    defer { calls_block(SIGUSR1, 0) }
    let fiber = Fiber.spawn {
      var wanted = set(SIGUSR1)
      var number: CInt = 0
      try expectEqual(sigwait(&wanted, &number), ECANCELED)
      try expectEqual(pause(), -1)
      try expectEqual(errno, ECANCELED)
    }
    usleep(5000)
    fiber.cancel()
    try fiber.value
  },
]

@_silgen_name("__libc_current_sigrtmin") private func firstRealTimeSignal() -> CInt
private let SIGRTMIN_ = firstRealTimeSignal()

// Swift's Glibc does not show it.
@_silgen_name("system") private func system_(_ command: UnsafePointer<CChar>?) -> CInt

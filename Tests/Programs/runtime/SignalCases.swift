import CSandbox
import CaseSupport
import Glibc
import Green

private func send(_ signal: Signal, times: Int = 1) { for _ in 0..<times { kill(getpid(), signal.rawValue) } }

private func disposition(of signal: Signal) -> UInt {
  var action = sigaction()
  sigaction(signal.rawValue, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
}

let signalCases = [
  Case("a loop over signals gets each that comes") {
    let signals = try Signals(.user1, .user2)
    let sender = Fiber.spawn {
      for _ in 0..<3 {
        send(.user1)
        send(.user2)
        try Fiber.sleep(for: .milliseconds(1))
      }
    }
    var got: [Signal: Int] = [:]
    for signal in signals {
      got[signal, default: 0] += 1
      if got.values.reduce(0, +) == 6 { break }
    }
    try expectEqual(got, [.user1: 3, .user2: 3])
    try sender.value
  },
  Case("signals that come before the loop are not lost, and come in turn") {
    let signals = try Signals(.user1, .user2)
    send(.user1, times: 3)
    send(.user2)
    let got = try (0..<4).map { _ in try signals.next(until: .after(.seconds(5))) }
    try expectEqual(got.filter { $0 == .user1 }.count, 3)
    try expectEqual(got[1], .user2)
    try expectEqual(thrown { _ = try signals.next(until: .after(.milliseconds(5))) } ?? "", "Connection timed out")
  },
  Case("several objects get the same signal, on other hubs and on plain threads too") {
    let mine = try Signals(.user1)
    let again = try Signals([.user1])
    let (ready, done) = (makePipe(), makePipe())
    @Sendable func report(_ end: Int32, _ text: StaticString) { write(end, text.utf8Start, 1) }
    let other = PlainThread {
      try? Hub.run {
        let signals = try Signals(.user1)
        report(ready.write, "r")
        if (try? signals.next(until: .after(.seconds(10)))) == .user1 { report(done.write, "h") }
      }
    }
    let plain = PlainThread {
      guard let signals = try? Signals(.user1) else { return }
      report(ready.write, "r")
      if (try? signals.next(until: .after(.seconds(10)))) == .user1 { report(done.write, "p") }
    }
    var marks = [UInt8](repeating: 0, count: 1)
    for _ in 0..<2 {
      try Readiness.wait(for: ready.read, .read)
      read(ready.read, &marks, 1)
    }
    send(.user1)
    other.join()
    plain.join()
    try expectEqual(try mine.next(until: .after(.seconds(5))), .user1)
    try expectEqual(try again.next(until: .after(.seconds(5))), .user1)
    var both = [UInt8](repeating: 0, count: 8)
    try expectEqual(read(done.read, &both, 8), 2, "marks")
    _ = (mine, again)
  },
  Case("the earlier disposition comes back when the last has closed") {
    signal(SIGUSR1, SIG_IGN)
    let ignored = disposition(of: .user1)
    let first = try Signals(.user1)
    let second = try Signals(.user1, .user2)
    first.close()
    first.close()
    try expect(disposition(of: .user1) != ignored, "the second does not watch any more")
    send(.user1)
    try expectEqual(try second.next(until: .after(.seconds(5))), .user1)
    second.close()
    try expectEqual(disposition(of: .user1), ignored)
    try expectEqual(disposition(of: .user2), 0, "SIGUSR2")
    try expectEqual(thrown { _ = try first.next(until: .never) } ?? "", "Bad file descriptor")
    let third = try Signals(.user1)
    signal(SIGUSR1, SIG_DFL)
    third.close()
    try expectEqual(disposition(of: .user1), 0, "a disposition that somebody has set since")
  },
  Case("a child of which no handler of fork hears begins with the earlier disposition") {
    let signals = try Signals(.user1)
    let child = csandbox_fork("_Fork")
    if child == 0 {
      kill(getpid(), SIGUSR1)
      _exit(0)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    try expectEqual(status, SIGUSR1, "it ends by the signal")
    try expectEqual(thrown { _ = try signals.next(until: .after(.milliseconds(5))) } ?? "", "Connection timed out")
    send(.user1)
    try expectEqual(try signals.next(until: .after(.seconds(5))), .user1)
  },
  Case("closing signals ends the loop that waits for them") {
    let signals = try Signals(.user1)
    let waiting = Fiber.spawn { for _ in signals {} }
    let failing = Fiber.spawn { thrown { _ = try signals.next(until: .never) } }
    try Fiber.sleep(for: .milliseconds(5))
    signals.close()
    try waiting.value
    try expectEqual(try failing.value, "Bad file descriptor")
  },
  Case("a signal that cannot be watched is an error that names it") {
    for (signal, name) in [
      (Signal.kill, "SIGKILL"), (Signal(rawValue: SIGSEGV), "SIGSEGV"), (Signal(rawValue: 99), "signal 99"),
    ] {
      let text = thrown { _ = try Signals(.user1, signal) } ?? ""
      try expect(text.contains(name), text)
      let handler = thrown { try Hub.current!.onSignal(signal) { _ in } } ?? ""
      try expect(handler.contains(name), handler)
    }
    try expectEqual(disposition(of: .user1), 0, "SIGUSR1")
  },
  Case("signals that cannot be watched for want of a descriptor are an error, and none is caught") {
    var old = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &old)
    var none = rlimit(rlim_cur: 0, rlim_max: old.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
    let text = thrown { _ = try Signals(.user1) }
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &old)
    try expectEqual(text, "signals cannot be watched: Too many open files")
    try expectEqual(disposition(of: .user1), 0, "SIGUSR1")
    _ = try Signals(.user1)
  },
  Case("a blocked signal is unblocked where it is watched") {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGUSR1)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let signals = try Signals(.user1)
    send(.user1)
    try expectEqual(try signals.next(until: .after(.seconds(5))), .user1)
  },
  Case("a handler runs in a fiber of its own for each signal, and does not keep the hub") {
    var handled: [Signal] = []
    try PlainThreadHub.run {
      try Hub.current!.onSignal(.user1, .user2) { signal in
        // It is a fiber: it may wait.
        try Fiber.sleep(for: .milliseconds(2))
        handled.append(signal)
      }
      send(.user1)
      send(.user2)
      try eventually("two signals handled") { handled.count == 2 }
    }
    try expectEqual(Set(handled), [.user1, .user2])
    try expectEqual(disposition(of: .user1), 0, "after the hub")
    let handler = try Hub.current!.onSignal(.user1) { handled.append($0) }
    handler.cancel()
    handler.cancel()
    try expectEqual(disposition(of: .user1), 0, "after cancelling")
  },
  Case("waiting for what only a signal can bring is no deadlock") {
    try isolated {
      let event = Event()
      try Hub.current!.onSignal(.user1) { _ in event.set() }
      let parent = getpid()
      let sender = fork()
      if sender == 0 {
        usleep(50_000)
        kill(parent, SIGUSR1)
        _exit(0)
      }
      try event.wait()
      try expectEqual(waitFor(sender), exited(0), "the sender's status")
    }
  },
  Case("a forked child has the earlier dispositions, and watches anew") {
    let signals = try Signals(.user1)
    var handled = 0
    try Hub.current!.onSignal(.user2) { _ in handled += 1 }
    let before = openDescriptors()
    // What its parent catches ends it.
    try expectEqual(
      inForkedChild {
        send(.user1); return 1
      } & 0x7f, SIGUSR1, "the signal that ended the child")
    try expectEqual(
      inForkedChild {
        send(.user2); return 1
      } & 0x7f, SIGUSR2, "the signal that ended the child")
    let status = inForkedChild {
      try expectEqual(thrown { _ = try signals.next(until: .never) } ?? "", "Bad file descriptor")
      let mine = try Signals(.user1)
      var mineHandled = 0
      try Hub.current!.onSignal(.user2) { _ in mineHandled += 1 }
      send(.user1)
      send(.user2)
      try expectEqual(try mine.next(until: .after(.seconds(5))), .user1)
      try eventually("the child's handler") { mineHandled == 1 }
      // The parent's handler has not run here.
      try expectEqual(handled, 0, "handled")
      signals.close()
      send(.user1)
      try expectEqual(try mine.next(until: .after(.seconds(5))), .user1)
      mine.close()
      send(.user1)
      return 3
    }
    try expectEqual(status & 0x7f, SIGUSR1, "the signal that ended the child")
    try expectEqual(openDescriptors(), before)
    try expectEqual(handled, 0, "handled in the parent")
    send(.user1)
    send(.user2)
    try expectEqual(try signals.next(until: .after(.seconds(5))), .user1)
    try eventually("the parent's handler") { handled == 1 }
  },
  Case("a child forked by a thread without a hub has the earlier dispositions") {
    let signals = try Signals(.user1)
    var status: Int32 = 0
    let thread = PlainThread {
      status = inForkedChild {
        send(.user1); return 1
      }
    }
    thread.join()
    try expectEqual(status & 0x7f, SIGUSR1, "the signal that ended the child")
    withExtendedLifetime(signals) {}
  },
  Case("signals under fire while threads watch and stop watching") {
    signal(SIGUSR1, SIG_IGN)
    let parent = getpid()
    let shooter = fork()
    if shooter == 0 {
      signal(SIGALRM, SIG_DFL)
      alarm(100)
      while kill(parent, SIGUSR1) == 0 { usleep(20) }
      _exit(0)
    }
    let before = openDescriptors()
    var failures = 0
    let threads = (0..<3).map { number in
      PlainThread {
        for _ in 0..<300 {
          guard let signals = try? Signals(.user1) else {
            failures += 1
            return
          }
          if number > 0, (try? signals.next(until: .after(.seconds(10)))) != .user1 { failures += 1 }
          signals.close()
        }
      }
    }
    for thread in threads { thread.join() }
    kill(shooter, SIGKILL)
    _ = waitFor(shooter)
    try expectEqual(failures, 0, "waits that failed")
    try expectEqual(openDescriptors(), before)
  },
]

/// A hub on a thread of its own.
private enum PlainThreadHub {
  static func run(_ body: @escaping () throws -> Void) throws {
    var failure: (any Error)?
    PlainThread {
      do { try Hub.run { try body() } } catch { failure = error }
    }.join()
    if let failure { throw failure }
  }
}

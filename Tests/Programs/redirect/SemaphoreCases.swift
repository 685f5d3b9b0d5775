import CCalls
import CaseSupport
import Dispatch
import Glibc
import Green
import WaitCalls

private func makeSemaphore(_ value: UInt32 = 0, shared: CInt = 0) -> UnsafeMutablePointer<sem_t> {
  let semaphore = allocated(sem_t())
  sem_init(semaphore, shared, value)
  return semaphore
}

private func value(_ semaphore: UnsafeMutablePointer<sem_t>) -> CInt {
  var value: CInt = -1
  sem_getvalue(semaphore, &value)
  return value
}

private func eventDescriptors() -> Set<CInt> {
  let numbers = (0..<1024).filter { number in
    var target = [CChar](repeating: 0, count: 64)
    return readlink("/proc/self/fd/\(number)", &target, 63) > 0 && text(target).contains("[eventfd]")
  }
  return Set(numbers.map { CInt($0) })
}

/// On a thread of its own, in a hub of its own.
private func waitElsewhere(_ semaphore: UnsafeMutablePointer<sem_t>) {
  PlainThread {
    try? Hub.run {
      calls_post_later(semaphore, 20)
      _ = sem_wait(semaphore)
    }
  }.join()
}

let semaphoreCases = [
  Case("a fiber waits for a semaphore that a fiber posts") {
    let semaphore = makeSemaphore(1)
    try whileOthersRun {
      try expectEqual(sem_wait(semaphore), 0, "of 1")
      let waiting = (0..<10).map { _ in Fiber.spawn { try expectEqual(sem_wait(semaphore), 0) } }
      usleep(20_000)
      for _ in 0..<4 { sem_post(semaphore) }
      until { waiting.count { $0.isFinished } >= 4 }
      usleep(20_000)
      try expectEqual(waiting.count { $0.isFinished }, 4, "let in")
      for _ in 0..<6 { sem_post(semaphore) }
      for fiber in waiting { try fiber.value }
      try expectEqual(value(semaphore), 0)
    }
  },
  Case("a fiber waits for a semaphore that a thread posts, and a thread for one that a fiber posts") {
    let (there, back) = (makeSemaphore(), makeSemaphore())
    let thread = PlainThread {
      for _ in 0..<100 {
        sem_wait(there)
        sem_post(back)
      }
    }
    for _ in 0..<100 {
      sem_post(there)
      try expectEqual(sem_wait(back), 0)
    }
    thread.join()
    try whileOthersRun {
      calls_post_later(back, 50)
      try expectEqual(sem_wait(back), 0)
    }
  },
  Case("a signal handler posts the semaphore that a fiber waits for") {
    let semaphore = makeSemaphore()
    calls_post_on(SIGUSR1, semaphore)
    try whileOthersRun {
      for _ in 0..<50 {
        let fiber = Fiber.spawn { try expectEqual(sem_wait(semaphore), 0) }
        usleep(1000)
        kill(getpid(), SIGUSR1)
        try fiber.value
      }
    }
    signal(SIGUSR1, SIG_DFL)
  },
  Case("sem_timedwait gives up at its time") {
    let semaphore = makeSemaphore()
    try whileOthersRun {
      let elapsed = try seconds {
        var end = time(after: 60)
        try expectEqual(sem_timedwait(semaphore, &end), -1)
        try expectEqual(errno, ETIMEDOUT)
      }
      try expect(elapsed >= 0.05 && elapsed < 10, "took \(elapsed) s")
      var end = timespec(tv_sec: 0, tv_nsec: -1)
      try expectEqual(sem_timedwait(semaphore, &end), -1)
      try expectEqual(errno, EINVAL)
      sem_post(semaphore)
      try expectEqual(sem_timedwait(semaphore, &end), -1, "invalid, but free: as glibc says")
    }
  },
  Case("a cancelled fiber waits for its semaphore all the same") {
    let semaphore = makeSemaphore()
    let fiber = Fiber.spawn { try expectEqual(sem_wait(semaphore), 0) }
    usleep(5000)
    fiber.cancel()
    usleep(5000)
    try expect(!fiber.isFinished, "it has ended")
    sem_post(semaphore)
    try fiber.value
    try expectEqual(value(semaphore), 0)
  },
  Case("a fiber waits for a DispatchSemaphore, which is a semaphore of C, while others run") {
    let semaphore = DispatchSemaphore(value: 0)
    try whileOthersRun {
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { semaphore.signal() }
      semaphore.wait()
      try expect(semaphore.wait(timeout: .now() + .milliseconds(30)) == .timedOut, "it was signalled")
      // A library that waits for its own task.
      Task {
        try await Task.sleep(for: .milliseconds(30))
        semaphore.signal()
      }
      semaphore.wait()
    }
  },
  Case("a semaphore that another process posts is noticed") {
    let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    let semaphore = memory.bindMemory(to: sem_t.self, capacity: 1)
    sem_init(semaphore, 1, 0)
    try whileOthersRun {
      let child = fork_()
      if child == 0 {
        usleep(50_000)
        sem_post(semaphore)
        _exit(0)
      }
      try expectEqual(sem_wait(semaphore), 0)
      try expectEqual(waitpid(child, nil, 0), child)
    }
  },
  Case("after a hub that was left with fibers waiting for semaphores, the thread's next hub waits for its own") {
    let (never, semaphore) = (makeSemaphore(), makeSemaphore())
    PlainThread {
      try? Hub.run {
        Fiber.spawn { _ = sem_wait(never) }
        usleep(5000)
        Hub.current?.leaveFibers()
      }
      try? Hub.run {
        calls_post_later(semaphore, 20)
        _ = sem_wait(semaphore)
      }
    }.join()
    try expectEqual(value(semaphore), 0)
    waitElsewhere(semaphore)
  },
  Case("a post does not write to what has the number of an eventfd that the program closed") {
    let semaphore = makeSemaphore()
    let pair = makeSocketPair()
    let before = eventDescriptors()
    waitElsewhere(semaphore)
    let ways: [(CInt) -> Void] = [{ close($0) }, { ccalls_close_range($0, $0) }]
    for closeIt in ways {
      // Not where an earlier case has left one.
      guard let number = eventDescriptors().subtracting(before).first else { return }
      closeIt(number)
      try expectEqual(dup2(pair.0, number), number)
      waitElsewhere(semaphore)
      var byte: UInt8 = 0
      try expectEqual(recv(pair.1, &byte, 1, CInt(MSG_DONTWAIT)), -1, "recv")
      try expectEqual(value(semaphore), 0)
      close(number)
    }
    close(pair.0)
    close(pair.1)
  },
  Case(
    "a fiber joins a thread while others run", skip: Sanitizer.skip(under: .thread, Sanitizer.ownsThreads)
  ) {
    try whileOthersRun {
      var result: UnsafeMutableRawPointer?
      try expectEqual(pthread_join(calls_sleeper(60, UnsafeMutableRawPointer(bitPattern: 42)), &result), 0)
      try expectEqual(UInt(bitPattern: result), 42)
      let isOver = makeSemaphore()
      let thread = calls_waiter(isOver, nil)
      try expectEqual(calls_try_join(thread), EBUSY)
      try expectEqual(calls_timed_join(thread, 5), ETIMEDOUT)
      sem_post(isOver)
      try expectEqual(calls_timed_join(thread, 20_000), 0)
      if calls_are_sanitized() == 0 { try expectEqual(pthread_join(pthread_self(), nil), EDEADLK) }
    }
  },
  Case("fifty fibers join fifty threads at once") {
    let elapsed = try seconds {
      try together((0..<50).map { _ in { try expectEqual(pthread_join(calls_sleeper(200, nil), nil), 0) } })
    }
    try expect(elapsed < 8, "took \(elapsed) s")
  },
  Case("fibers and threads meet at a barrier") {
    let barrier = allocated(pthread_barrier_t())
    pthread_barrier_init(barrier, nil, 4)
    nonisolated(unsafe) var serial = 0
    try whileOthersRun {
      let threads = [calls_arrive(barrier)]
      let fibers = (0..<2).map { _ in
        Fiber.spawn { if pthread_barrier_wait(barrier) != 0 { serial += 1 } }
      }
      usleep(30_000)
      try expectEqual(fibers.count { $0.isFinished }, 0, "through before all were there")
      if pthread_barrier_wait(barrier) != 0 { serial += 1 }
      for fiber in fibers { try fiber.value }
      for thread in threads { pthread_join(thread, nil) }
    }
    try expect(serial <= 1, "\(serial) were told to be the one")
  },
  Case("a spin lock whose holder sleeps lets it come back") {
    let lock = allocated(pthread_spinlock_t())
    pthread_spin_init(lock, 0)
    try together(
      (0..<3).map { _ in
        {
          try expectEqual(pthread_spin_lock(lock), 0)
          usleep(5000)
          pthread_spin_unlock(lock)
        }
      })
  },
]

// Swift's Glibc says that fork is not for it.
@_silgen_name("fork") func fork_() -> pid_t

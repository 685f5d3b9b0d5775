import CCalls
import CaseSupport
import Dispatch
import Glibc
import Green
import Synchronization

private func makeWord() -> UnsafeMutablePointer<UInt32> { allocated(0) }

/// Sets the word to 1 after some milliseconds, and wakes so many.
private func release(_ word: UnsafeMutablePointer<UInt32>, after milliseconds: UInt32, most: CInt = 1) {
  usleep(milliseconds * 1000)
  ccalls_store(word, 1)
  ccalls_futex_wake(word, most)
}

/// Waits until the word is no longer 0, as a lock does.
private func wait(_ word: UnsafeMutablePointer<UInt32>, isShared: CInt = 0) throws {
  while ccalls_load(word) == 0 {
    let error = ccalls_futex_wait(word, 0, -1, isShared)
    try expect(error == 0 || error == EAGAIN, "error \(error)")
  }
}

let futexCases = [
  Case("a fiber waits for a futex that a fiber wakes") {
    let word = makeWord()
    try whileOthersRun {
      let waker = Fiber.spawn { release(word, after: 30) }
      try wait(word)
      try waker.value
    }
  },
  Case("a fiber waits for a futex that a thread wakes, and a thread for one that a fiber wakes") {
    let (there, back) = (makeWord(), makeWord())
    nonisolated(unsafe) let (threadsThere, threadsBack) = (there, back)
    let rounds: UInt32 = 200
    let thread = PlainThread {
      for round in 0..<rounds {
        while ccalls_load(threadsThere) == round { _ = ccalls_futex_wait(threadsThere, round, -1, 0) }
        ccalls_store(threadsBack, round + 1)
        ccalls_futex_wake(threadsBack, 1)
      }
    }
    try whileOthersRun {
      usleep(20_000)
      for round in 0..<rounds {
        ccalls_store(there, round + 1)
        ccalls_futex_wake(there, 1)
        while ccalls_load(back) == round { _ = ccalls_futex_wait(back, round, -1, 0) }
      }
    }
    thread.join()
  },
  Case("a wake wakes as many fibers and threads as it says, and tells how many those were") {
    let word = makeWord()
    nonisolated(unsafe) let threadsWord = word
    let threads = (0..<2).map { _ in WaitingThread { _ = ccalls_futex_wait(threadsWord, 0, -1, 0) } }
    let fibers = (0..<5).map { _ in Fiber.spawn { ccalls_futex_wait(word, 0, -1, 0) } }
    Fiber.yield()
    for thread in threads { thread.waitUntilAsleep() }
    try expectEqual(ccalls_futex_wake(word, 4), 4)
    usleep(20_000)
    try expectEqual(ccalls_futex_wake(word, 0), 1, "Linux wakes one where none are asked for")
    usleep(20_000)
    try expectEqual(ccalls_futex_wake(word, 100), 2)
    try expectEqual(ccalls_futex_wake(word, 100), 0)
    for fiber in fibers { try expectEqual(try fiber.value, 0) }
    for thread in threads { thread.join() }
  },
  Case("a futex with another value is not waited for, and a wait ends at its time") {
    let word = makeWord()
    try expectEqual(ccalls_futex_wait(word, 1, -1, 0), EAGAIN)
    try whileOthersRun { try expectEqual(ccalls_futex_wait(word, 0, 40, 0), ETIMEDOUT) }
    try whileOthersRun {
      var end = time(after: 40, CLOCK_MONOTONIC)
      try expectEqual(ccalls_futex_wait_until(word, 0, &end, 0, ~0), ETIMEDOUT)
    }
    try whileOthersRun {
      var end = time(after: 40)
      try expectEqual(ccalls_futex_wait_until(word, 0, &end, 1, ~0), ETIMEDOUT)
    }
    try expectEqual(ccalls_futex_wait_until(word, 0, nil, 0, 0), EINVAL, "no bits")
    var invalid = timespec(tv_sec: 0, tv_nsec: 1_000_000_000)
    try expectEqual(ccalls_futex_wait_until(word, 0, &invalid, 0, ~0), EINVAL, "no time")
    let odd = UnsafeMutablePointer<UInt32>(bitPattern: UInt(bitPattern: word) + 2)
    try expectEqual(ccalls_futex_wait(odd, 0, 10, 0), EINVAL, "no address of a word")
  },
  Case("a futex that processes share is seen to change") {
    let word = makeWord()
    try whileOthersRun {
      let fiber = Fiber.spawn { try wait(word, isShared: 1) }
      usleep(30_000)
      ccalls_store(word, 1)
      try fiber.value
    }
  },
  Case("fibers are woken by a wake for some bits and by a requeue") {
    let (word, other) = (makeWord(), makeWord())
    let bits = Fiber.spawn { ccalls_futex_wait_until(word, 0, nil, 0, 2) }
    usleep(5000)
    ccalls_futex_wake_bits(word, 1, 2)
    try expectEqual(try bits.value, 0)
    let moved = Fiber.spawn { ccalls_futex_wait(word, 0, -1, 0) }
    usleep(5000)
    ccalls_futex_requeue(word, 0, other)
    try expectEqual(try moved.value, 0)
  },
  Case("a cancellation does not end a wait for a futex") {
    let word = makeWord()
    let fiber = Fiber.spawn { ccalls_futex_wait(word, 0, -1, 0) }
    usleep(5000)
    fiber.cancel()
    usleep(20_000)
    try expect(!fiber.isFinished, "it has ended")
    release(word, after: 0)
    try expectEqual(try fiber.value, 0)
  },
  Case("a task that needs the thread runs while a fiber waits for it by a DispatchGroup") {
    try whileOthersRun {
      let group = DispatchGroup()
      for _ in 0..<10 {
        group.enter()
        Task {
          try await Task.sleep(for: .milliseconds(20))
          group.leave()
        }
      }
      group.wait()
    }
    try whileOthersRun {
      let group = DispatchGroup()
      group.enter()
      try expectEqual(group.wait(timeout: .now() + .milliseconds(40)), .timedOut)
      group.leave()
    }
  },
]

/// Has the runtime make metadata of types that there were not before: it takes a lock for each.
private func makeTypes(_ count: Int, from seed: Any.Type) -> Any.Type {
  func wrap<T>(_: T.Type) -> Any.Type { [T].self }
  return (0..<count).reduce(seed) { type, _ in _openExistential(type, do: wrap) }
}

/// Of these the runtime makes types, each on a thread of its own.
private let seeds: [Any.Type] = [
  Int8.self, Int16.self, Int32.self, Int64.self, UInt8.self, UInt16.self, UInt32.self, UInt64.self,
]

/// Code that must not park makes such types too.
private func makesTypesWithoutWaiting(from seed: Any.Type) throws {
  let hub = Hub.current!
  let before = hub.counters.switches
  _ = makeTypes(40_000, from: seed)
  try expectEqual(hub.counters.switches, before)
}

let runtimeLockCases = [
  Case("a lock of Swift's runtime that another thread holds makes no fiber wait") {
    let threads = seeds.prefix(3).map { seed in PlainThread { _ = makeTypes(40_000, from: seed) } }
    defer { for thread in threads { thread.join() } }
    try makesTypesWithoutWaiting(from: seeds[3])
  },
  Case("a lock of Swift's runtime that a fiber of another hub holds makes no fiber wait") {
    let threads = seeds[4..<7].map { seed in
      PlainThread { _ = try? Hub.run { _ = makeTypes(40_000, from: seed) } }
    }
    defer { for thread in threads { thread.join() } }
    try makesTypesWithoutWaiting(from: seeds[7])
  },
  Case("a child finds no lock of Swift's runtime held for ever") {
    let isDone = Atomic(false)
    let threads = [Float.self, Double.self].map { (seed: Any.Type) in
      PlainThread {
        var type = seed
        while !isDone.load(ordering: .relaxed) { type = makeTypes(100, from: type) }
      }
    }
    defer {
      isDone.store(true, ordering: .relaxed)
      for thread in threads { thread.join() }
    }
    for number in 0..<60 {
      let child = fork_()
      if child == 0 {
        alarm(20)
        _ = makeTypes(number + 60, from: Bool.self)
        _exit(0)
      }
      var status: CInt = 0
      try expectEqual(waitpid(child, &status, 0), child)
      try expectEqual(status, 0, "a child's status")
    }
  },
]

let yieldCases = [
  Case("code that spins with sched_yield lets fibers run, and the loop") {
    for yield in [{ _ = sched_yield() }, { ccalls_thrd_yield() }] {
      nonisolated(unsafe) var (isReady, isRead) = (false, false)
      let sleeper = Fiber.spawn {
        usleep(5000)
        isReady = true
      }
      let ends = try Pipe()
      let reader = Fiber.spawn {
        var byte: UInt8 = 0
        isRead = read(ends.reading.descriptor, &byte, 1) == 1
      }
      usleep(1000)
      _ = write(ends.writing.descriptor, "x", 1)
      let end = Deadline.after(.seconds(20))
      while !(isReady && isRead) && !end.hasPassed { yield() }
      try expect(isReady && isRead, "nothing else ran")
      try sleeper.value
      try reader.value
    }
  }
]

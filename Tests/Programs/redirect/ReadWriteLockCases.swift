import CaseSupport
import Glibc
import Green
import Synchronization
import WaitCalls

private func makeLock() -> UnsafeMutablePointer<pthread_rwlock_t> {
  let lock = allocated(pthread_rwlock_t())
  pthread_rwlock_init(lock, nil)
  return lock
}

private nonisolated(unsafe) var once = pthread_once_t()

let readWriteLockCases = [
  Case("readers share a read-write lock, and a writer has it alone") {
    let lock = makeLock()
    nonisolated(unsafe) var (readers, most, writers) = (0, 0, 0)
    try whileOthersRun {
      let fibers = (0..<20).map { index in
        Fiber.spawn {
          if index % 5 == 4 {
            try expectEqual(pthread_rwlock_wrlock(lock), 0)
            try expectEqual(readers, 0, "readers beside a writer")
            writers += 1
            usleep(3000)
            try expectEqual(writers, 1, "writers at once")
            writers -= 1
          } else {
            try expectEqual(pthread_rwlock_rdlock(lock), 0)
            readers += 1
            most = max(most, readers)
            usleep(3000)
            try expectEqual(writers, 0, "writers beside a reader")
            readers -= 1
          }
          try expectEqual(pthread_rwlock_unlock(lock), 0)
        }
      }
      for fiber in fibers { try fiber.value }
    }
    try expect(most > 1, "readers did not share")
    try expectEqual(pthread_rwlock_destroy(lock), 0)
  },
  Case("a read-write lock tells its own fiber from another") {
    let lock = makeLock()
    var (isHeld, hasTried) = (false, false)
    try together(
      {
        try expectEqual(pthread_rwlock_wrlock(lock), 0)
        try expectEqual(pthread_rwlock_wrlock(lock), EDEADLK, "writing again")
        try expectEqual(pthread_rwlock_rdlock(lock), EDEADLK, "reading too")
        isHeld = true
        until { hasTried }
        usleep(20_000)
        try expectEqual(pthread_rwlock_unlock(lock), 0)
      },
      {
        until { isHeld }
        do {
          defer { hasTried = true }
          try expectEqual(pthread_rwlock_tryrdlock(lock), EBUSY)
          try expectEqual(pthread_rwlock_trywrlock(lock), EBUSY)
          var end = time(after: 5)
          try expectEqual(pthread_rwlock_timedrdlock(lock, &end), ETIMEDOUT)
          end = time(after: 5)
          try expectEqual(pthread_rwlock_timedwrlock(lock, &end), ETIMEDOUT)
        }
        try expectEqual(pthread_rwlock_rdlock(lock), 0)
        try expectEqual(pthread_rwlock_rdlock(lock), 0, "reading twice")
        try expectEqual(pthread_rwlock_trywrlock(lock), EBUSY)
        try expectEqual(pthread_rwlock_unlock(lock), 0)
        try expectEqual(pthread_rwlock_unlock(lock), 0)
        try expectEqual(pthread_rwlock_trywrlock(lock), 0)
        try expectEqual(pthread_rwlock_unlock(lock), 0)
      })
  },
  Case("fibers and threads share a read-write lock") {
    let lock = makeLock()
    nonisolated(unsafe) var total = 0
    func add() {
      pthread_rwlock_wrlock(lock)
      let before = total
      usleep(200)
      total = before + 1
      pthread_rwlock_unlock(lock)
    }
    let threads = (0..<2).map { _ in PlainThread { for _ in 0..<20 { add() } } }
    try together((0..<4).map { _ in { for _ in 0..<20 { add() } } })
    for thread in threads { thread.join() }
    try expectEqual(total, 120)
  },
  Case("a fiber that has borrowed the thread's keys waits with its thread for another's read-write lock") {
    let lock = makeLock()
    for isWrite in [false, true] {
      let isHeld = Atomic(false)
      let thread = PlainThread {
        pthread_rwlock_wrlock(lock)
        isHeld.store(true, ordering: .releasing)
        usleep(50_000)
        pthread_rwlock_unlock(lock)
      }
      while !isHeld.load(ordering: .acquiring) { usleep(1000) }
      nonisolated(unsafe) var turns = 0
      try together(
        {
          let before = turns
          try ThreadKeys.borrow {
            try expectEqual(isWrite ? pthread_rwlock_wrlock(lock) : pthread_rwlock_rdlock(lock), 0)
            try expectEqual(turns, before, "turns of another fiber meanwhile")
            try expectEqual(pthread_rwlock_unlock(lock), 0)
          }
        },
        { for _ in 0..<5 { turns += 1; Fiber.yield() } })
      thread.join()
      try expectEqual(pthread_rwlock_trywrlock(lock), 0, "after all")
      try expectEqual(pthread_rwlock_unlock(lock), 0)
    }
  },
  Case("many read-write locks held at once are let go of in any order") {
    let locks = (0..<40).map { _ in makeLock() }
    nonisolated(unsafe) let all = locks
    try together(
      (0..<3).map { number in
        {
          for lock in all { try expectEqual(pthread_rwlock_rdlock(lock), 0) }
          try expectEqual(pthread_rwlock_rdlock(all[number]), 0, "again")
          Fiber.yield()
          for lock in number % 2 == 0 ? all : all.reversed() { try expectEqual(pthread_rwlock_unlock(lock), 0) }
          try expectEqual(pthread_rwlock_unlock(all[number]), 0)
        }
      })
    for lock in locks {
      try expectEqual(pthread_rwlock_trywrlock(lock), 0, "free")
      try expectEqual(pthread_rwlock_trywrlock(lock), EBUSY, "once")
      try expectEqual(pthread_rwlock_unlock(lock), 0)
    }
  },
  Case("a reader that a thread's writer keeps out goes on when that gives up") {
    let lock = allocated(pthread_rwlock_t())
    var attributes = pthread_rwlockattr_t()
    pthread_rwlockattr_init(&attributes)
    pthread_rwlockattr_setkind_np(&attributes, calls_prefers_writers())
    pthread_rwlock_init(lock, &attributes)
    let isHeld = Atomic(true)
    for isClock in [false, true] {
      isHeld.store(true, ordering: .releasing)
      let reader = PlainThread {
        pthread_rwlock_rdlock(lock)
        while isHeld.load(ordering: .acquiring) { usleep(1000) }
        pthread_rwlock_unlock(lock)
      }
      let writer = PlainThread {
        usleep(10_000)
        var until = isClock ? time(after: 300, CLOCK_MONOTONIC) : time(after: 300)
        let error = isClock ? calls_write_lock_until(lock, &until) : pthread_rwlock_timedwrlock(lock, &until)
        if error == 0 { pthread_rwlock_unlock(lock) }
      }
      // Not before the writer waits, if it has come to that.
      usleep(100_000)
      try expectEqual(pthread_rwlock_rdlock(lock), 0)
      try expectEqual(pthread_rwlock_unlock(lock), 0)
      isHeld.store(false, ordering: .releasing)
      reader.join()
      writer.join()
    }
  },
  Case("a mutex that its fiber asks for again until some time is not given then, of whatever kind") {
    for (robust, inherits) in [(0, 0), (1, 0), (0, 1), (1, 1)] as [(CInt, CInt)] {
      let mutex = allocated(pthread_mutex_t())
      try expectEqual(calls_kind_of_mutex(0, robust, inherits, mutex), 0)
      try whileOthersRun {
        try expectEqual(pthread_mutex_lock(mutex), 0)
        var until = time(after: 50)
        try expectEqual(pthread_mutex_timedlock(mutex, &until), ETIMEDOUT, "\(robust), \(inherits)")
        try expectEqual(pthread_mutex_unlock(mutex), 0)
      }
      let checked = allocated(pthread_mutex_t())
      try expectEqual(calls_kind_of_mutex(2, robust, inherits, checked), 0)
      try expectEqual(pthread_mutex_lock(checked), 0)
      try expectEqual(pthread_mutex_lock(checked), EDEADLK)
      try expectEqual(pthread_mutex_unlock(checked), 0)
    }
  },
  Case("robust and priority-inheriting mutexes held over a sleep let one fiber in at a time") {
    for (robust, inherits) in [(1, 0), (0, 1), (1, 1)] as [(CInt, CInt)] {
      for kind in 0..<3 as Range<CInt> {
        let mutex = allocated(pthread_mutex_t())
        try expectEqual(calls_kind_of_mutex(kind, robust, inherits, mutex), 0)
        nonisolated(unsafe) var (inside, most) = (0, 0)
        try together(
          (0..<5).map { _ in
            {
              try expectEqual(pthread_mutex_lock(mutex), 0, "lock")
              inside += 1
              most = max(most, inside)
              usleep(1000)
              inside -= 1
              try expectEqual(pthread_mutex_unlock(mutex), 0, "unlock")
            }
          })
        try expectEqual(most, 1, "fibers inside a mutex of kind \(kind), \(robust), \(inherits)")
      }
    }
  },
  Case("a C++ function's static that sleeps is made once and everybody gets it") {
    if calls_guards_are_real() != 0 { return }
    nonisolated(unsafe) var made: CInt = 0
    try whileOthersRun {
      try together((0..<20).map { _ in { made += calls_static(50) } })
    }
    try expectEqual(made, 1, "times it was made")
  },
  Case("threads and fibers wait for one C++ static, and another tries again when it failed") {
    if calls_guards_are_real() != 0 { return }
    let results = allocated([CInt]())
    let threads = (0..<2).map { _ in
      PlainThread {
        let result = calls_static_fails_first(20)
        _ = result
      }
    }
    nonisolated(unsafe) let seen = results
    try together((0..<5).map { _ in { seen.pointee.append(calls_static_fails_first(20)) } })
    for thread in threads { thread.join() }
    try expect(seen.pointee.allSatisfy { (-1...1).contains($0) }, "\(seen.pointee)")
    try expectEqual(calls_static_fails_first(0), 0, "after all")
  },

  // MARK: Circles

  Case("fibers want each other's locks of every kind", isHidden: true) {
    let mutex = makeMutex(0)
    let recursive = makeMutex(1)
    let lock = makeLock()
    let stream = tmpfile()!
    let wanted: [(take: () -> Void, want: () -> Void)] = [
      ({ pthread_mutex_lock(mutex) }, { pthread_mutex_lock(mutex) }),
      ({ pthread_mutex_lock(recursive) }, { pthread_mutex_lock(recursive) }),
      ({ pthread_rwlock_wrlock(lock) }, { pthread_rwlock_rdlock(lock) }),
      ({ flockfile(stream) }, { flockfile(stream) }),
    ]
    // Unsafe: all of it runs on this thread.
    nonisolated(unsafe) let all = wanted
    let fibers = all.indices.map { index in
      Fiber.spawn(name: "holder \(index)") {
        all[index].take()
        usleep(5000)
        all[(index + 1) % all.count].want()
      }
    }
    for fiber in fibers { try fiber.value }
  },
  Case("a circle of fibers that want each other's locks is told with every holder's backtrace") {
    let text = try report(of: "fibers want each other's locks of every kind")
    try expect(text.contains("hold a lock each and wait for the next one's"), text)
    for index in 0..<4 { try expect(text.contains("\"holder \(index)\""), text) }
    for name in ["the pthread mutex 0x", "the read-write lock 0x", "the stream 0x"] {
      try expect(text.contains(name), text)
    }
    // In a release flockfile(3) goes over into the second by a jump, and has no frame.
    try expect(text.contains("lock_for_fiber"), text)
    try expect(text.contains("flockfile") || text.contains("credirect_lock_stream"), text)
    // In a process of one thread nothing can come to help.
    try expect(text.contains("every fiber waits for something that can never happen"), text)
  },
  Case("a static and a once want each other", isHidden: true) {
    nonisolated(unsafe) let mutex = makeMutex(0)
    sharedMutex = mutex
    Fiber.spawn(name: "initialiser") {
      _ = pthread_once(&once) {
        usleep(5000)
        _ = pthread_mutex_lock(sharedMutex!)
      }
    }
    Fiber.spawn(name: "locker") {
      pthread_mutex_lock(mutex)
      usleep(5000)
      _ = pthread_once(&once) {}
    }
    usleep(300_000)
    _exit(0)
  },
  Case("a circle through an initialiser is told") {
    if calls_guards_are_real() != 0 { return }
    let text = try report(of: "a static and a once want each other")
    let reports = text.split(separator: "\n").filter { $0.contains("hold a lock each and wait for the next one's") }
    try expectEqual(reports.count, 1, text)
    try expect(text.contains("pthread_once"), text)
    try expect(text.contains("\"initialiser\"") && text.contains("\"locker\""), text)
  },
  Case("a lazy global, a static of C++ and a mutex want each other", isHidden: true) {
    nonisolated(unsafe) let mutex = makeMutex(0)
    sharedMutex = mutex
    let fibers = [
      Fiber.spawn(name: "global") { _ = Circular.global },
      Fiber.spawn(name: "static") {
        calls_static_made_by {
          usleep(5000)
          _ = Circular.global
        }
      },
      Fiber.spawn(name: "mutex") {
        pthread_mutex_lock(mutex)
        usleep(5000)
        calls_static_made_by {}
      },
    ]
    for fiber in fibers { try fiber.value }
  },
  Case("a circle through a lazy global and a static of C++ is told") {
    if calls_guards_are_real() != 0 { return }
    let text = try report(of: "a lazy global, a static of C++ and a mutex want each other")
    try expect(text.contains("hold a lock each and wait for the next one's"), text)
    for name in ["the lazy global 0x", "the static of a C++ function 0x", "the pthread mutex 0x"] {
      try expect(text.contains(name), text)
    }
    for name in ["global", "static", "mutex"] { try expect(text.contains("\"\(name)\""), text) }
  },
  Case("a fiber asks for its own mutex again", isHidden: true) {
    let mutex = makeMutex(0)
    pthread_mutex_lock(mutex)
    pthread_mutex_lock(mutex)
  },
  Case("a mutex asked for by its own holder is told") {
    let text = try report(of: "a fiber asks for its own mutex again")
    try expect(text.contains("waits for a lock that it holds itself"), text)
    try expect(text.contains("every fiber waits for something that can never happen"), text)
  },
]

private nonisolated(unsafe) var sharedMutex: UnsafeMutablePointer<pthread_mutex_t>?

private enum Circular {
  static let global: CInt = {
    usleep(5000)
    return pthread_mutex_lock(sharedMutex!)
  }()
}

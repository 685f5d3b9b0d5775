import CaseSupport
import Glibc
import Green
import Synchronization

private final class Counts {
  nonisolated(unsafe) static var made = 0
  nonisolated(unsafe) static var inside = 0
  nonisolated(unsafe) static var most = 0

  static func reset() { (inside, most) = (0, 0) }
  static func enter() {
    inside += 1
    most = max(most, inside)
  }
  static func leave() { inside -= 1 }
}

private enum Lazy {
  static let connection: Int = {
    Counts.made += 1
    usleep(100_000)
    return 7
  }()
  static let shared: Int = {
    usleep(50_000)
    return 8
  }()
}

/// Initialised for as long as it is held.
private enum Held {
  static let first = hold()
  static let second = hold()
  static let isHeld = Atomic(true)
  static let isBegun = Atomic(false)

  @discardableResult
  static func hold() -> Int {
    isBegun.store(true, ordering: .releasing)
    while isHeld.load(ordering: .acquiring) { usleep(1000) }
    return 9
  }
}

private nonisolated(unsafe) var onceControl = pthread_once_t()

/// A mutex of one kind at an address that does not move.
func makeMutex(_ kind: Int) -> UnsafeMutablePointer<pthread_mutex_t> {
  let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  var attributes = pthread_mutexattr_t()
  pthread_mutexattr_init(&attributes)
  pthread_mutexattr_settype(&attributes, CInt(kind))
  pthread_mutex_init(mutex, &attributes)
  return mutex
}

private let (normal, recursive, checking) = (0, 1, 2)

private func excludes(_ kind: Int, times: Int = 1) throws {
  let mutex = makeMutex(kind)
  defer { mutex.deallocate() }
  Counts.reset()
  try together(
    (0..<10).map { _ in
      {
        for _ in 0..<times { try expectEqual(pthread_mutex_lock(mutex), 0, "lock") }
        Counts.enter()
        usleep(2000)
        Counts.leave()
        for _ in 0..<times { try expectEqual(pthread_mutex_unlock(mutex), 0, "unlock") }
      }
    })
  try expectEqual(Counts.most, 1, "fibers inside at once")
  try expectEqual(pthread_mutex_destroy(mutex), 0, "destroy")
}

let lockCases = [
  Case("a lazy global that sleeps is made once and everybody gets it") {
    let elapsed = try seconds {
      try together((0..<200).map { _ in { try expectEqual(Lazy.connection, 7) } })
    }
    try expectEqual(Counts.made, 1, "times it was made")
    try expect(elapsed < 15, "took \(elapsed) s")
  },
  Case("threads and fibers wait for the same lazy global") {
    nonisolated(unsafe) var seen: [Int] = []
    let threads = (0..<3).map { _ in PlainThread { _ = Lazy.shared } }
    try together((0..<3).map { _ in { seen.append(Lazy.shared) } })
    for thread in threads { thread.join() }
    try expectEqual(seen, [8, 8, 8])
  },
  Case("pthread_once runs its function once, also when it sleeps") {
    let before = Counts.made
    try together(
      (0..<20).map { _ in
        {
          pthread_once(&onceControl) {
            Counts.made += 1
            usleep(50_000)
          }
          try expectEqual(Counts.made, before + 1, "times it ran")
        }
      })
  },
  Case(
    "a child initialises again what another fiber or thread of its parent had begun",
    skip: Sanitizer.skip(under: .thread, Sanitizer.locksGlobals)
  ) {
    let controls = (0..<2).map { _ in allocated(pthread_once_t()) }
    let uses: [() -> Void] = [
      { _ = Held.first },
      { _ = Held.second },
      { _ = pthread_once(controls[0]) { Held.hold() } },
      { _ = pthread_once(controls[1]) { Held.hold() } },
    ]
    for (index, use) in uses.enumerated() {
      Held.isBegun.store(false, ordering: .releasing)
      Held.isHeld.store(true, ordering: .releasing)
      let thread = index % 2 == 1 ? PlainThread { use() } : nil
      let fiber = index % 2 == 0 ? Fiber.spawn { use() } : nil
      while !Held.isBegun.load(ordering: .acquiring) { usleep(1000) }
      let child = fork_()
      if child == 0 {
        alarm(20)
        Held.isHeld.store(false, ordering: .releasing)
        use()
        _exit(0)
      }
      var status: CInt = 0
      try expectEqual(waitpid(child, &status, 0), child)
      Held.isHeld.store(false, ordering: .releasing)
      thread?.join()
      try fiber?.value
      try expectEqual(status, 0, "the status of child \(index)")
    }
  },
  Case("a normal mutex held over a sleep lets one fiber in at a time") { try excludes(normal) },
  Case("a recursive mutex held over a sleep lets one fiber in at a time") { try excludes(recursive, times: 3) },
  Case("an error-checking mutex held over a sleep lets one fiber in at a time") { try excludes(checking) },
  Case("an error-checking mutex tells its own fiber from another") {
    let mutex = makeMutex(checking)
    defer { mutex.deallocate() }
    var (isHeld, hasTried) = (false, false)
    try together(
      {
        try expectEqual(pthread_mutex_lock(mutex), 0)
        try expectEqual(pthread_mutex_lock(mutex), EDEADLK, "locking again")
        isHeld = true
        until { hasTried }
        try expectEqual(pthread_mutex_unlock(mutex), 0)
      },
      {
        until { isHeld }
        do {
          defer { hasTried = true }
          try expectEqual(pthread_mutex_unlock(mutex), EPERM, "unlocking another's")
          try expectEqual(pthread_mutex_trylock(mutex), EBUSY, "trying another's")
        }
        try expectEqual(pthread_mutex_lock(mutex), 0)
        try expectEqual(pthread_mutex_unlock(mutex), 0)
      })
  },
  Case("trylock of a recursive mutex that another fiber holds is busy") {
    let mutex = makeMutex(recursive)
    defer { mutex.deallocate() }
    var (isHeld, hasTried) = (false, false)
    try together(
      {
        pthread_mutex_lock(mutex)
        isHeld = true
        until { hasTried }
        pthread_mutex_unlock(mutex)
      },
      {
        until { isHeld }
        defer { hasTried = true }
        try expectEqual(pthread_mutex_trylock(mutex), EBUSY)
      })
  },
  Case("timedlock gives up at its time") {
    let mutex = makeMutex(normal)
    defer { mutex.deallocate() }
    var (isHeld, hasGivenUp) = (false, false)
    try together(
      {
        pthread_mutex_lock(mutex)
        isHeld = true
        until { hasGivenUp }
        pthread_mutex_unlock(mutex)
      },
      {
        until { isHeld }
        defer { hasGivenUp = true }
        let elapsed = try seconds {
          var end = time(after: 30)
          try expectEqual(pthread_mutex_timedlock(mutex, &end), ETIMEDOUT)
        }
        try expect(elapsed >= 0.02, "took \(elapsed) s")
      })
  },
  Case("a fiber waits for a mutex that another thread holds while others run") {
    let mutex = makeMutex(normal)
    defer { mutex.deallocate() }
    let (isHeld, ticks) = (Flag(), Count())
    // It is held until others have run: a hub that stands still waits for ever.
    let thread = PlainThread {
      pthread_mutex_lock(mutex)
      isHeld.set()
      while ticks.value < 10 { usleep(1000) }
      pthread_mutex_unlock(mutex)
    }
    until { isHeld.isSet }
    try together(
      {
        try expectEqual(pthread_mutex_lock(mutex), 0)
        try expect(ticks.value >= 10, "only \(ticks.value) ticks while it waited")
        pthread_mutex_unlock(mutex)
      },
      {
        for _ in 0..<15 {
          usleep(1000)
          ticks.add()
        }
      })
    thread.join()
  },
  Case("a plain thread waits for a mutex that a parked fiber holds") {
    let mutex = makeMutex(normal)
    defer { mutex.deallocate() }
    pthread_mutex_lock(mutex)
    nonisolated(unsafe) var isIn = false
    let thread = PlainThread {
      pthread_mutex_lock(mutex)
      isIn = true
      pthread_mutex_unlock(mutex)
    }
    usleep(20_000)
    try expect(!isIn, "the thread is in")
    pthread_mutex_unlock(mutex)
    thread.join()
    try expect(isIn, "the thread was not in")
  },
]

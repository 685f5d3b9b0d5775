import CaseSupport
import Glibc
import Green
import Synchronization
import WaitCalls

/// Takes a lock again and again, and keeps it over a wait each time: whoever else asks for it gets in after the first of
/// these, or little later.
private func othersGetIn(_ lock: @escaping () -> CInt, _ unlock: @escaping () -> CInt) throws {
  nonisolated(unsafe) var hasEntered = false
  nonisolated(unsafe) let (lock, unlock) = (lock, unlock)
  try expectEqual(lock(), 0, "the first lock")
  let other = Fiber.spawn {
    try expectEqual(lock(), 0, "the other's lock")
    hasEntered = true
    usleep(1000)
    try expectEqual(unlock(), 0, "the other's unlock")
  }
  var rounds = 0
  repeat {
    usleep(1000)
    try expectEqual(unlock(), 0, "unlock")
    try expectEqual(lock(), 0, "lock")
    rounds += 1
  } while !hasEntered && rounds < 200
  try expectEqual(unlock(), 0, "the last unlock")
  try other.value
  try expect(rounds <= 3, "the other got in after \(rounds) rounds")
}

private func makeLock(preferring kind: CInt) -> UnsafeMutablePointer<pthread_rwlock_t> {
  let lock = allocated(pthread_rwlock_t())
  var attributes = pthread_rwlockattr_t()
  pthread_rwlockattr_init(&attributes)
  pthread_rwlockattr_setkind_np(&attributes, kind)
  pthread_rwlock_init(lock, &attributes)
  return lock
}

/// `PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP`.
private let preferringWriters: CInt = 2

/// Two that read in turn so that the lock is never free, and one that writes.
private func writes(beside lock: UnsafeMutablePointer<pthread_rwlock_t>) throws {
  nonisolated(unsafe) var (hasWritten, reads) = (false, 0)
  nonisolated(unsafe) let lock = lock
  let readers = (0..<2).map { index in
    Fiber.spawn {
      usleep(UInt32(index) * 500)
      while !hasWritten && reads < 400 {
        try expectEqual(pthread_rwlock_rdlock(lock), 0, "to read")
        usleep(1000)
        try expectEqual(pthread_rwlock_unlock(lock), 0, "after reading")
        reads += 1
      }
    }
  }
  usleep(5000)
  let before = reads
  try expectEqual(pthread_rwlock_wrlock(lock), 0, "to write")
  let during = reads - before
  hasWritten = true
  try expectEqual(pthread_rwlock_unlock(lock), 0, "after writing")
  for reader in readers { try reader.value }
  try expect(during <= 4, "\(during) reads came before the writer")
}

/// A reader beside another waits for a writer, and for no longer than the writer waits.
///
/// - Returns: false where the writer had given up before the reader came.
private func readsAfterWriter(thatWaits milliseconds: Int) throws -> Bool {
  let lock = makeLock(preferring: preferringWriters)
  try expectEqual(pthread_rwlock_rdlock(lock), 0)
  let start = Deadline.now
  let writer = Fiber.spawn {
    var end = time(after: milliseconds)
    try expectEqual(pthread_rwlock_timedwrlock(lock, &end), ETIMEDOUT)
  }
  Fiber.yield()
  var isInTime = false
  try together({
    let error = pthread_rwlock_tryrdlock(lock)
    isInTime = Deadline.now.nanoseconds - start.nanoseconds < Int64(milliseconds) * 1_000_000
    if isInTime { try expectEqual(error, EBUSY) }
    if error == 0 { try expectEqual(pthread_rwlock_unlock(lock), 0) }
    try expectEqual(pthread_rwlock_rdlock(lock), 0)
    try expectEqual(pthread_rwlock_unlock(lock), 0)
  })
  try writer.value
  try expectEqual(pthread_rwlock_unlock(lock), 0)
  return isInTime
}

private final class SwiftLock: Sendable {
  let mutex = Synchronization.Mutex(false)
}

let fairnessCases = [
  Case("who unlocks a mutex and locks it again at once lets others in between") {
    for kind in 0..<3 {
      let mutex = makeMutex(kind)
      defer { mutex.deallocate() }
      try othersGetIn({ pthread_mutex_lock(mutex) }, { pthread_mutex_unlock(mutex) })
    }
  },
  Case("who unlocks a recursive mutex that it held twice lets others in between") {
    let mutex = makeMutex(1)
    defer { mutex.deallocate() }
    try othersGetIn(
      { pthread_mutex_lock(mutex) | pthread_mutex_lock(mutex) },
      { pthread_mutex_unlock(mutex) | pthread_mutex_unlock(mutex) })
  },
  Case("who unlocks a read-write lock and locks it again at once lets others in between") {
    for kind: CInt in 0..<3 {
      let lock = makeLock(preferring: kind)
      try othersGetIn({ pthread_rwlock_wrlock(lock) }, { pthread_rwlock_unlock(lock) })
    }
  },
  Case("readers let a writer in where the lock prefers writers") { try writes(beside: makeLock(preferring: 2)) },
  Case("readers go on when a preferred writer has given up") {
    // Where a busy machine lets the time pass before the reader has asked, the writer waits for longer.
    let isInTime = try [500, 4000, 20_000].contains { try readsAfterWriter(thatWaits: $0) }
    try expect(isInTime, "the reader came late each time")
  },
  Case("who posts a semaphore and waits for it again at once lets others in between") {
    let semaphore = allocated(sem_t())
    sem_init(semaphore, 0, 1)
    try othersGetIn({ sem_wait(semaphore) }, { sem_post(semaphore) })
  },
  Case("who unlocks a stream and locks it again at once lets others in between") {
    guard let stream = fopen("/dev/null", "w") else { return }
    nonisolated(unsafe) let file = stream
    try othersGetIn(
      {
        flockfile(file)
        return 0
      },
      {
        funlockfile(file)
        return 0
      })
  },
  Case("who leaves Swift's own mutex and enters it again at once lets others in between") {
    let lock = SwiftLock()
    nonisolated(unsafe) var hasEntered = false
    let other = Fiber.spawn {
      usleep(500)
      lock.mutex.withLock { _ in hasEntered = true }
    }
    var rounds = 0
    while !hasEntered && rounds < 200 {
      lock.mutex.withLock { _ in _ = usleep(1000) }
      rounds += 1
    }
    try other.value
    try expect(rounds <= 3, "the other got in after \(rounds) rounds")
  },
]

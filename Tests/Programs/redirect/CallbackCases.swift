import CaseSupport
import Glibc
import Green

// What a callback of the loop asks the C library for while a fiber of the same hub, which cannot go on before the callback
// returns, has it.

private enum Lazy {
  static let value: Int = {
    usleep(50_000)
    return 7
  }()
}

private nonisolated(unsafe) var once = pthread_once_t()

private let (normal, recursive, checking) = (0, 1, 2)

/// Has a callback of the loop do `wants` while the fiber sleeps in the midst of `holds`.
private func during(_ holds: () throws -> Void, wants: @escaping () -> Void) throws {
  Hub.current!.after(.milliseconds(1)) { wants() }
  try holds()
}

private func whileMutexIsHeld(_ kind: Int, wants: @escaping (UnsafeMutablePointer<pthread_mutex_t>) -> Void) throws {
  let mutex = makeMutex(kind)
  pthread_mutex_lock(mutex)
  try during({ usleep(50_000) }) { wants(mutex) }
  try expectEqual(pthread_mutex_unlock(mutex), 0)
  mutex.deallocate()
}

private func whileRead(_ wants: @escaping (UnsafeMutablePointer<pthread_rwlock_t>) -> Void) throws {
  let lock = allocated(pthread_rwlock_t())
  pthread_rwlock_rdlock(lock)
  try during({ usleep(50_000) }) { wants(lock) }
  try expectEqual(pthread_rwlock_unlock(lock), 0)
  lock.deallocate()
}

/// What a callback wants in vain: what is told of it, and the case.
private let wishes: [(String, @Sendable () throws -> Void)] = [
  ("pthread mutex", { try whileMutexIsHeld(normal) { pthread_mutex_lock($0) } }),
  ("pthread mutex", { try whileMutexIsHeld(recursive) { pthread_mutex_lock($0) } }),
  ("pthread mutex", { try whileMutexIsHeld(checking) { pthread_mutex_lock($0) } }),
  ("read-write lock", { try whileRead { pthread_rwlock_wrlock($0) } }),
  ("lazy global", { try during({ _ = Lazy.value }) { _ = Lazy.value } }),
  ("once control", { try during({ pthread_once(&once) { usleep(50_000) } }) { pthread_once(&once) {} } }),
]

private func name(_ index: Int) -> String { "a callback wants a fiber's \(wishes[index].0) (\(index))" }

let callbackCases =
  wishes.indices.map { index in Case(name(index), isHidden: true) { try wishes[index].1() } } + [
    Case("a callback of the loop that wants what a fiber has ends the process with a sentence") {
      for index in wishes.indices {
        let error = try report(of: name(index))
        let sentence = "greenfinch: a callback of the loop asked for the \(wishes[index].0) that fiber "
        try expect(error.contains(sentence), "\(name(index)): \(error)")
      }
    },
    Case("a callback of the loop does not have what it only tries, and a fiber has") {
      for kind in [normal, recursive, checking] {
        try whileMutexIsHeld(kind) { mutex in
          var until = time(after: 2)
          precondition(pthread_mutex_trylock(mutex) == EBUSY && pthread_mutex_timedlock(mutex, &until) == ETIMEDOUT)
          precondition(kind == normal || pthread_mutex_unlock(mutex) == EPERM)
        }
      }
    },
    Case("a callback of the loop has what is free, and reads with a fiber") {
      let mutex = makeMutex(recursive)
      defer { mutex.deallocate() }
      try whileRead { lock in
        precondition(pthread_rwlock_rdlock(lock) == 0 && pthread_rwlock_unlock(lock) == 0)
        for _ in 0..<2 { precondition(pthread_mutex_lock(mutex) == 0) }
        for _ in 0..<2 { precondition(pthread_mutex_unlock(mutex) == 0) }
      }
    },
  ]

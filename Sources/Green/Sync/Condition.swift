/// Where holders of a ``Mutex`` wait until somebody has changed its value.
///
/// ```swift
/// let jobs = Mutex<[Job]>([]), added = Condition()
///
/// let job = try jobs.withLock(awaiting: added, where: { !$0.isEmpty }) { $0.removeFirst() }   // one who waits
///
/// jobs.withLock { $0.append(job) }                                                            // and one who tells
/// added.signal()
/// ```
///
/// Those who wait are woken in the order in which they came. Changing the value under the lock before signalling is all
/// that it takes for no signal to be missed; the signal itself may be given with or without the lock.
public final class Condition: Sendable {
  private let state = SyncState(())

  /// A condition that nobody waits for.
  public init() {}

  /// Wakes the first who waits. Never waits. Without anybody waiting it does nothing.
  public func signal() { state.locked { $1.popFirst() }?.wake() }

  /// Wakes all who wait, in the order in which they came. Never waits.
  public func broadcast() { state.wakeAll { _ in } }

  /// Gives the lock back, waits to be woken and takes the lock again, also when it throws. To be called in the body of
  /// ``Mutex/withLock(_:)``, in a loop which looks whether the value is now as it should be: others may have changed it
  /// before this call had the lock again. ``Mutex/withLock(awaiting:until:where:_:)`` is that loop.
  ///
  /// - Parameters:
  ///   - value: the value that the body was given; others change it meanwhile.
  ///   - mutex: the lock of that value.
  ///   - deadline: when to give up, with `Errno.timedOut`.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func wait<Value>(_ value: inout Value, of mutex: Mutex<Value>, until deadline: Deadline = .never) throws {
    // Unsafe: the caller's exclusive access to the value lasts over this call, which makes no use of it.
    let isOfMutex = withUnsafeMutablePointer(to: &value) { $0 == mutex.value }
    requirement(isOfMutex, "a condition must be given the value that the body of withLock was given")
    try wait(releasing: mutex.core, until: deadline).check()
  }

  private func wait(releasing mutex: MutexPointer, until deadline: Deadline) -> Wake {
    var waiter = Waiter()
    let reason = WaitReason(.condition, on: self)
    return withUnsafeMutablePointer(to: &waiter) {
      // The mutex is given back only when nobody can signal before this waiter is in the list.
      state.lock.acquire()
      mutex.unlock()
      let wake = state.waiting.wait($0, state.lock, until: deadline, for: reason)
      mutex.lock()
      return wake
    }
  }
}

extension Mutex {
  /// Takes the lock, waits until the value is as `predicate` wants it, and calls `body`. While it waits on the condition
  /// the lock is free.
  ///
  /// - Parameters:
  ///   - condition: is signalled by those who change the value.
  ///   - deadline: for the wait for the lock and for the value together.
  ///   - predicate: must not change the value. It is called with the lock held, first without waiting, then whenever the
  ///     condition was signalled, and once more when the wait has ended otherwise.
  ///   - body: called with the value once it is as it should be, with the lock held.
  /// - Throws: `Errno.timedOut`, `CancellationError` or ``TimeoutError`` without having called `body`; else what the
  ///   closures throw.
  public func withLock<Result>(
    awaiting condition: Condition, until deadline: Deadline = .never,
    where predicate: (inout sending Value) throws -> Bool, _ body: (inout sending Value) throws -> sending Result
  ) throws -> sending Result {
    try withLock(until: deadline) { value in
      while try !predicate(&value) {
        do {
          try condition.wait(&value, of: self, until: deadline)
        } catch {
          guard try predicate(&value) else { throw error }
          break
        }
      }
      return try body(&value)
    }
  }
}

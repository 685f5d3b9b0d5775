internal import CParking

/// A lock around a value, for what other threads may hold at the moment of a fork: the standard library's `Mutex` would
/// stay locked in the child for ever, by a thread that is not there.
///
/// It is held for a few instructions, and never over a wait.
final class ForkableLock<Value>: @unchecked Sendable {
  /// Unsafe: behind pointers, so that ``beginAnew(with:)`` may write over what another thread was about to change.
  private let lock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

  init(_ value: sending Value) {
    lock.initialize(to: 0)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    lock.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    cparking_lock(lock)
    defer { cparking_unlock(lock) }
    return try body(&value.pointee)
  }

  /// In a forked child: free, with another value. The old one is left as it lies, perhaps half changed.
  func beginAnew(with value: sending Value) {
    lock.pointee = 0
    self.value.initialize(to: value)
  }
}

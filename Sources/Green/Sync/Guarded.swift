internal import CParking

/// A value that several threads use, each for a short time: the lock is never held over a wait, and fibers that
/// want it at once cannot be, since they share their thread.
///
/// In place of the standard library's lock, which ThreadSanitizer does not know, and which stays locked for ever in the
/// child of a fork while another thread held it.
package final class Guarded<Value>: @unchecked Sendable {
  /// Unsafe: raw memory, whose exclusive use is the lock's to see to.
  private let lock: SyncLock
  private let value: UnsafeMutablePointer<Value>

  package init(_ value: Value) {
    lock = .allocate(capacity: 1)
    lock.initialize(to: 0)
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    lock.deallocate()
  }

  @inline(__always)
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.acquire()
    defer { lock.release() }
    return try body(&value.pointee)
  }

  /// In a forked child: free, with another value. The old one is left as it lies, perhaps half changed, by a thread that
  /// is not there.
  package func beginAnew(with value: Value) {
    lock.pointee = 0
    self.value.initialize(to: value)
  }
}

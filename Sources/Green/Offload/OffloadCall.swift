internal import Glibc
internal import Synchronization
internal import SystemPackage

/// One call for a thread of the pool to make.
///
/// Unsafe: the links and `isQueued` are the pool's, under its lock; the outcome is the thread's until `isDone` is set, and
/// the waiting fiber's from then on.
class OffloadJob: @unchecked Sendable {
  final var next: OffloadJob?
  final unowned(unsafe) var previous: OffloadJob?
  final var isQueued = false
  /// Why no thread will make it, 0 where one does.
  private final var failure: CInt = 0
  private final let done = Atomic(false)

  fileprivate init() {}

  /// On a thread of the pool.
  func perform() {}

  private final var isDone: Bool { done.load(ordering: .acquiring) }
  private final var address: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// On a thread of the pool, after ``perform()``: the fiber goes on.
  final func complete() {
    done.store(true, ordering: .releasing)
    ParkingLot.unpark(address, all: true)
  }

  /// Instead of ``perform()``, of a call that has been taken out of the queue.
  final func fail(_ error: CInt) {
    failure = error
    complete()
  }

  /// Once it is done: whether no thread could be had for it, and why.
  final func checkThread() throws(Errno) {
    if isDone && failure != 0 { throw Errno(rawValue: failure) }
  }

  final func wait(until deadline: Deadline) throws {
    let hub = Hub.running?.hub
    // The hub is not deadlocked while a thread works for it.
    hub?.pointee.externalWaits += 1
    defer { hub?.pointee.externalWaits -= 1 }
    while !isDone {
      let wake = ParkingLot.parkInterruptibly(address, until: deadline, for: WaitReason(.offload)) { !isDone }
      if !isDone { try wake.check() }
    }
  }
}

final class OffloadCall<Value>: OffloadJob, @unchecked Sendable {
  private var body: (@Sendable () throws -> sending Value)?
  private var outcome: Result<Value, any Error>?

  /// The call has the task-locals of its caller.
  init(_ body: @escaping @Sendable () throws -> sending Value) {
    guard let task = InheritedTask.capture() else {
      self.body = body
      return
    }
    self.body = {
      nonisolated(unsafe) let value = try task.run(body)
      return value
    }
  }

  override func perform() {
    guard let body else { return }
    outcome = Result { try body() }
    // What the call holds is let go before the fiber goes on.
    self.body = nil
  }

  /// The result, once the wait for it has ended.
  func result() throws -> Value {
    try checkThread()
    guard let outcome else { throw Errno.canceled }
    return try outcome.get()
  }
}

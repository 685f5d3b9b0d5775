internal import CParking
internal import Glibc

/// A ``Mutex`` that whoever holds it may take again: a fiber, or a thread outside fibers. It is free when it has been
/// given back as often as it was taken.
///
/// Since the inner holder sees the value in the middle of what the outer one does, `body` gets no exclusive `inout` but a
/// ``Content``, through which each single access reads or changes the value. What is not `Sendable` stays inside, as with
/// ``Mutex``:
///
/// ```swift
/// let tree = ReentrantMutex(Tree())
/// func add(_ node: Node) {
///   tree.withLock {
///     $0.value.insert(node)
///     for child in node.children { add(child) }
///   }
/// }
/// ```
public final class ReentrantMutex<Value>: @unchecked Sendable {
  /// The value of a ``ReentrantMutex`` whose lock is held.
  public struct Content {
    fileprivate let pointer: UnsafeMutablePointer<Value>

    /// The value. An access must not begin within another, as in a method of the value that takes the lock again.
    public var value: Value {
      get { pointer.pointee }
      nonmutating _modify { yield &pointer.pointee }
    }
  }

  private let core: MutexPointer
  /// Unsafe: behind a pointer, as that of ``Mutex``.
  private let content: UnsafeMutablePointer<Value>
  /// Whoever holds it, 0 for nobody.
  private let holder: UnsafeMutablePointer<UInt64>
  /// How often the holder has taken it. Only the holder's.
  private let depth: UnsafeMutablePointer<Int>

  /// A free lock around `value`.
  public init(_ value: sending Value) {
    core = .allocate(capacity: 1)
    core.initialize(to: MutexCore())
    content = .allocate(capacity: 1)
    content.initialize(to: value)
    holder = .allocate(capacity: 1)
    holder.initialize(to: 0)
    depth = .allocate(capacity: 1)
    depth.initialize(to: 0)
  }

  deinit {
    content.deinitialize(count: 1)
    content.deallocate()
    holder.deallocate()
    depth.deallocate()
    core.deallocate()
  }

  /// Takes the lock, calls `body` and gives the lock back, also when `body` throws. Parks or blocks while another holds
  /// it; cancellation and deadlines do not end that wait.
  public func withLock<Result, Failure: Error>(
    _ body: (inout sending Content) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    if !retake() {
      core.lock()
      taken()
    }
    defer { giveBack() }
    var content = Content(pointer: content)
    return try body(&content)
  }

  /// As ``withLock(_:)``, but waits no longer than the deadline, and not when the fiber is cancelled.
  ///
  /// - Throws: `Errno.timedOut`, `CancellationError` or ``TimeoutError`` without having called `body`; else what `body`
  ///   throws.
  public func withLock<Result>(
    until deadline: Deadline, _ body: (inout sending Content) throws -> sending Result
  ) throws -> sending Result {
    if !retake() {
      try core.lock(until: deadline)
      taken()
    }
    defer { giveBack() }
    var content = Content(pointer: content)
    return try body(&content)
  }

  /// As ``withLock(_:)`` when the lock is free or the caller's own, else `nil` at once.
  public func withLockIfAvailable<Result, Failure: Error>(
    _ body: (inout sending Content) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result? {
    if !retake() {
      guard core.tryLock() else { return nil }
      taken()
    }
    defer { giveBack() }
    var content = Content(pointer: content)
    return try body(&content)
  }

  /// The calling fiber or thread. A fiber's number is far below any address.
  private var caller: UInt64 {
    let fiber = Hub.runningID
    return fiber != 0 ? fiber : UInt64(pthread_self())
  }

  /// Takes the lock again, if the caller has it: nobody but itself can have written its number.
  private func retake() -> Bool {
    guard cparking_load(holder) == caller else { return false }
    depth.pointee += 1
    return true
  }

  private func taken() {
    cparking_store(holder, caller)
    depth.pointee = 1
  }

  private func giveBack() {
    depth.pointee -= 1
    guard depth.pointee == 0 else { return }
    cparking_store(holder, 0)
    core.unlock()
  }
}

/// A value that changes now and then, and that others want to know the latest of: configuration, a leader, a level. Those
/// who are slow miss what lay between, never the last.
///
/// ```swift
/// let limits = Watch(Limits())
/// Fiber.spawn { for change in limits.changes() { apply(change) } }
/// limits.set(Limits(requests: 10))
/// ```
///
/// Fibers of several hubs and threads share one whose value is `Sendable`. (Tokio calls it `watch`.)
public final class Watch<Value> {
  struct Content {
    var value: Value
    /// How often the value was set.
    var version: UInt64 = 0
    var isClosed = false
  }

  let state: SyncState<Content>

  /// A watch with its first value.
  public init(_ value: Value) { state = SyncState(Content(value: value)) }

  /// The latest value. Never waits.
  public var value: Value { state.locked { content, _ in content.value } }

  /// Whether ``close()`` was called.
  public var isClosed: Bool { state.locked { content, _ in content.isClosed } }

  /// Sets the value and wakes all who wait for a change, equal or not to what it was. Never waits. Also after ``close()``, when
  /// nobody is told any more.
  public func set(_ value: Value) { _ = set(value, ifVersion: nil) }

  /// Changes the value by a function, which is called without a lock, and again where somebody else has set another value
  /// meanwhile. It may wait.
  ///
  /// - Throws: what `body` throws; then the value is as it was.
  public func update(_ body: (inout Value) throws -> Void) rethrows {
    while true {
      var (value, version) = state.locked { content, _ in (content.value, content.version) }
      try body(&value)
      if set(value, ifVersion: version) { return }
    }
  }

  private func set(_ value: Value, ifVersion expected: UInt64?) -> Bool {
    // The old value ends after the lock is given back: its `deinit` may do anything.
    var value = value
    let woken: WaitList? = state.locked { content, waiting in
      if let expected, expected != content.version { return nil }
      swap(&value, &content.value)
      content.version += 1
      return waiting.takeAll()
    }
    guard let woken else { return false }
    WaitList.wakeAll(woken)
    Hub.spend()
    return true
  }

  /// Says that there will be no more changes: whoever follows them gets the last, if it has not had it, and then `nil`. Never
  /// waits; closing twice does nothing.
  public func close() { state.wakeAll { $0.isClosed = true } }

  /// Waits until the latest value is as `predicate` wants it, and returns it. Parks or blocks. Values that were set and
  /// replaced before the caller had its turn are not looked at.
  ///
  /// - Returns: `nil` when the watch is closed with a value that is not as wanted.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait; what `predicate`
  ///   throws, which is called without a lock.
  public func value(until deadline: Deadline = .never, where predicate: (Value) throws -> Bool) throws -> Value? {
    let changes = WatchChanges(of: self, seen: nil)
    while let value = try changes.next(until: deadline) { if try predicate(value) { return value } }
    return nil
  }

  /// The changes from now on: the present value is not among them.
  public func changes() -> WatchChanges<Value> {
    WatchChanges(of: self, seen: state.locked { content, _ in content.version })
  }
}

extension Watch: @unchecked Sendable where Value: Sendable {}

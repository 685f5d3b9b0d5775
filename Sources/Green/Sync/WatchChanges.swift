/// The changes of a ``Watch``, as one who follows them sees them: each time the latest value.
public final class WatchChanges<Value>: Sequence, IteratorProtocol {
  private let watch: Watch<Value>
  /// The version that was seen last. Unsafe: without Swift's check of exclusive access, for which the watch's lock stands.
  @exclusivity(unchecked) private var seen: UInt64?

  init(of watch: Watch<Value>, seen: UInt64?) {
    self.watch = watch
    self.seen = seen
  }

  /// Whether there is a value that was not seen.
  public var isChanged: Bool { watch.state.locked { content, _ in content.version != seen } }

  /// The latest value, once it is another than the one that was seen last. Parks or blocks until then.
  ///
  /// - Returns: `nil` when the watch is closed, and its last value was seen.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func next(until deadline: Deadline) throws -> Value? {
    let state = watch.state
    while true {
      state.lock.acquire()
      if state.content.pointee.version != seen {
        seen = state.content.pointee.version
        let value = state.content.pointee.value
        state.lock.release()
        Hub.spend()
        return value
      }
      if state.content.pointee.isClosed {
        state.lock.release()
        return nil
      }
      var waiter = Waiter()
      let reason = WaitReason(.watch, on: watch)
      try withUnsafeMutablePointer(to: &waiter) {
        try state.waiting.wait($0, state.lock, until: deadline, for: reason).check()
      }
    }
  }

  /// As ``next(until:)`` without a deadline, for `for` loops: the loop ends when the watch is closed, and also when a wait in it
  /// ends by cancellation or by the deadline of an enclosing scope, which every later wait then tells.
  public func next() -> Value? { (try? next(until: .never)) ?? nil }
}

extension WatchChanges: @unchecked Sendable where Value: Sendable {}

extension WatchChanges: Selectable {
  var selectionLock: SyncLock { watch.state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { watch.state.waiting }

  func takeSelected() -> Bool {
    watch.state.content.pointee.version != seen || watch.state.content.pointee.isClosed
  }
}

extension SelectCase {
  /// Waits for a change; `body` is given the latest value, or `nil` when the watch is closed and its last value was seen.
  public static func change<Value>(
    of changes: WatchChanges<Value>, _ body: @escaping (Value?) throws -> Result
  ) -> SelectCase {
    SelectCase(Choice(.object(changes))) { _ in try body(changes.next(until: .never)) }
  }
}

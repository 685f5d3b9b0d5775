/// A value that comes later: one sets it, once, and any number wait for it. gevent calls it `AsyncResult`.
///
/// ```swift
/// let answer = Promise<Answer>()
/// connection.ask(question) { answer.fulfil($0) }
/// use(try answer.value(until: .after(.seconds(5))))
/// ```
///
/// Fibers of several hubs and threads share one whose value is `Sendable`.
public final class Promise<Value> {
  /// Whether the result is there.
  private let state = SyncState(false)
  // With the state's lock held. Unsafe: without Swift's check of exclusive access, for which the lock stands.
  @exclusivity(unchecked) private var returned = ReturnedValue()
  @exclusivity(unchecked) private var error: (any Error)?

  /// A promise that has no value yet.
  public init() {}

  deinit { returned.destroy(Value.self) }

  /// Sets the value and wakes all who wait for it, in the order in which they came. Never waits.
  ///
  /// - Returns: whether it was this call; `false` when the promise had its result already, which stays.
  @discardableResult
  public func fulfil(_ value: Value) -> Bool { settle { $0.returned.initialize(to: value) } }

  /// Sets an error, which every wait for the value then throws. Never waits.
  ///
  /// - Returns: as ``fulfil(_:)``.
  @discardableResult
  public func fail(_ error: any Error) -> Bool { settle { $0.error = error } }

  /// Sets a value or an error, as a fiber's ``Fiber/result`` has it. Never waits.
  ///
  /// - Returns: as ``fulfil(_:)``.
  @discardableResult
  public func fulfil(with result: Result<Value, any Error>) -> Bool {
    switch result {
    case .success(let value): fulfil(value)
    case .failure(let error): fail(error)
    }
  }

  private func settle(_ set: (Promise) -> Void) -> Bool {
    state.lock.acquire()
    guard !state.content.pointee else {
      state.lock.release()
      return false
    }
    set(self)
    state.content.pointee = true
    let waiting = state.waiting.pointee.takeAll()
    state.lock.release()
    WaitList.wakeAll(waiting)
    return true
  }

  /// Whether the promise has its value or its error.
  public var isFulfilled: Bool { state.locked { isThere, _ in isThere } }

  /// The value or the error, `nil` before it is there. Never waits.
  public var result: Result<Value, any Error>? { isFulfilled ? Result { try settledValue() } : nil }

  /// Waits until the promise has its value or its error. Parks or blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func wait(until deadline: Deadline = .never) throws {
    try state.waitUntilSet(until: deadline, for: WaitReason(.promise, on: self))
  }

  /// The value, once it is there. Parks or blocks until then.
  ///
  /// - Throws: the error that ``fail(_:)`` was given; else as ``wait(until:)``.
  public var value: Value { get throws { try value(until: .never) } }

  /// As ``value``, but waits no longer than the deadline.
  public func value(until deadline: Deadline) throws -> Value {
    try wait(until: deadline)
    return try settledValue()
  }

  func settledValue() throws -> Value {
    state.lock.acquire()
    defer { state.lock.release() }
    if let error { throw error }
    return returned.value(Value.self)
  }
}

extension Promise: @unchecked Sendable where Value: Sendable {}

extension Promise: Selectable {
  var selectionLock: SyncLock { state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { state.waiting }
  func takeSelected() -> Bool { state.content.pointee }
}

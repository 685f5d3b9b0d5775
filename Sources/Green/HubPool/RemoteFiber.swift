/// A fiber of another hub, spawned by a ``HubPool``. Everything here may be used on any fiber, thread or task.
public final class RemoteFiber<Success: Sendable>: Sendable {
  /// The fiber's name, empty where it has none.
  public let name: String
  private let promise = Promise<Success>()
  private let state = Guarded(State())

  private struct State {
    /// Unsafe: the hub's own thread alone uses what these lead to.
    var fiber: AnyFiber?
    var remote: Hub.Remote?
    var isFinished = false
    /// Whether somebody has been told its error.
    var isRead = false
    var observers: [@Sendable () -> Void] = []
  }

  init(name: String?) { self.name = name ?? "" }

  func start(
    on remote: Hub.Remote, until deadline: Deadline, _ ended: @escaping @Sendable () -> Void,
    _ body: @escaping @Sendable () throws -> Success
  ) {
    state.withLock { $0.remote = remote }
    let isTaken = remote.run {
      let fiber = Fiber<Void>.spawn(name: self.name.isEmpty ? nil : self.name) {
        let result = Result { try deadline == .never ? body() : withDeadline(deadline, body) }
        ended()
        self.finish(result)
      }
      self.state.withLock { $0.fiber = fiber }
      fiber.whenFinished { [weak self] in self?.dropped($0, ended) }
    }
    if !isTaken {
      ended()
      finish(.failure(HubError.ended))
    }
  }

  /// The fiber has ended; where it never began, cancelled or without a stack, nobody has said so.
  private func dropped(_ fiber: AnyFiber, _ ended: () -> Void) {
    let error = fiber.error
    fiber.isErrorRead = true
    state.withLock { $0.fiber = nil }
    guard let error else { return }
    ended()
    finish(.failure(error))
  }

  func finish(_ result: Result<Success, any Error>) {
    promise.fulfil(with: result)
    let observers = state.withLock { state in
      state.isFinished = true
      state.remote = nil
      defer { state.observers = [] }
      return state.observers
    }
    for observer in observers { observer() }
  }

  deinit {
    guard case .failure(let error) = promise.result, !state.withLock({ $0.isRead }) else { return }
    // What ends because it was told to has nothing to report.
    if error is CancellationError { return }
    let label = name.isEmpty ? "a fiber of a pool" : "the fiber \"\(LogText.escaped(name))\" of a pool"
    Report.message("\(label) failed and nobody asked for its value: " + LogText.message("\(error)"))
  }

  /// Whether the fiber's function has returned or thrown.
  public var isFinished: Bool { promise.isFulfilled }

  /// The fiber's result: waits until it has finished. Parks or blocks.
  ///
  /// - Throws: the error that the fiber's function threw; `CancellationError` when the fiber was cancelled before it began, or
  ///   when the calling fiber is cancelled while it waits, which does not end this one.
  public var value: Success { get throws { try value(until: .never) } }

  /// As ``value``, but waits no longer than the deadline.
  ///
  /// - Throws: `Errno.timedOut` when the fiber has not finished by then; it goes on.
  public func value(until deadline: Deadline) throws -> Success {
    try promise.wait(until: deadline)
    state.withLock { $0.isRead = true }
    return try promise.settledValue()
  }

  /// The result of a fiber that has finished, `nil` before. Never waits.
  public var result: Result<Success, any Error>? {
    guard isFinished else { return nil }
    return Result { try value }
  }

  /// Waits until the fiber has finished, whether it succeeded or not. Parks or blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func join(until deadline: Deadline = .never) throws { try promise.wait(until: deadline) }

  /// Tells the fiber to end, as ``AnyFiber/cancel(cause:)`` does. Returns at once.
  public func cancel(cause: (any Error & Sendable)? = nil) { onItsHub { $0.cancel(cause: cause) } }

  /// Asks the fiber to end, as ``AnyFiber/cancel(grace:cause:)`` does. Returns at once.
  public func cancel(grace: Duration, cause: (any Error & Sendable)? = nil) {
    onItsHub { $0.cancel(grace: grace, cause: cause) }
  }

  private func onItsHub(_ body: @escaping @Sendable (AnyFiber) -> Void) {
    // The order to start it was given before.
    let remote = state.withLock { $0.remote }
    remote?.run { if let fiber = self.state.withLock({ $0.fiber }) { body(fiber) } }
  }

  /// Calls `body` once the fiber has finished, on its hub, where it must not wait; at once where it has.
  package func whenFinished(_ body: @escaping @Sendable () -> Void) {
    let isFinished = state.withLock { state in
      if !state.isFinished { state.observers.append(body) }
      return state.isFinished
    }
    if isFinished { body() }
  }

  var settled: Promise<Success> { promise }
}

extension SelectCase {
  /// Waits until a fiber of a ``HubPool`` has its value, which `body` is given, or its error, which is thrown.
  public static func value<Success>(
    of fiber: RemoteFiber<Success>, _ body: @escaping (Success) throws -> Result
  ) -> SelectCase {
    SelectCase(Choice(.object(fiber.settled))) { _ in try body(fiber.value) }
  }
}

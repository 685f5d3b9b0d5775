// Waiting for several fibers, and starting one later.

extension Fiber where Success == Never {
  /// Waits until all of the fibers have finished, whether they succeeded or not. Parks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public static func waitAll(_ fibers: some Sequence<AnyFiber>, until deadline: Deadline = .never) throws {
    for fiber in fibers { try fiber.join(until: deadline) }
  }

  /// Waits until one of the fibers has finished, whether it succeeded or not. Parks.
  ///
  /// - Returns: that fiber; of several that had finished already, any. `nil` when there is none in `fibers`.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public static func waitAny(_ fibers: [AnyFiber], until deadline: Deadline = .never) throws -> AnyFiber? {
    if let finished = fibers.first(where: \.isFinished) { return finished }
    guard !fibers.isEmpty else { return nil }
    guard Hub.running != nil else { throw HubError.outside }
    let choices = fibers.map { Choice(.fiber($0)) }
    if let (index, _) = try Selection.run(choices, until: deadline, mayWait: true) { return fibers[index] }
    try Wake.deadline.check()
    return nil
  }

  /// The fibers in the order in which they finish, those that have finished already first. The loop parks until there is a
  /// next one. It ends early at `deadline`, and when a wait in it ends by cancellation or by the deadline of an enclosing
  /// scope, which every later wait then tells.
  ///
  /// ```swift
  /// for fiber in Fiber.asFinished(fibers) { print(fiber.name) }
  /// ```
  public static func asFinished<Value>(
    _ fibers: [Fiber<Value>], until deadline: Deadline = .never
  ) -> some Sequence<Fiber<Value>> {
    FinishedFibers(fibers, until: deadline)
  }

  /// As `asFinished(_:until:)`, for fibers with results of several types.
  public static func asFinished(
    _ fibers: [AnyFiber], until deadline: Deadline = .never
  ) -> some Sequence<AnyFiber> {
    FinishedFibers(fibers, until: deadline)
  }
}

extension Fiber {
  /// Starts a fiber that waits for `delay` before it calls `body`. Cancelled before that, `body` is never called.
  ///
  /// - Returns, Parameters: as ``spawn(name:priority:file:line:_:)``.
  @discardableResult
  public static func spawn(
    after delay: Duration, name: String? = nil, priority: FiberPriority = .normal, file: StaticString = #fileID,
    line: UInt = #line, _ body: @escaping () throws -> Success
  ) -> Fiber<Success> {
    let time = Deadline.after(delay)
    return spawn(name: name, priority: priority, file: file, line: line) {
      try Fiber<Never>.sleep(until: time)
      return try body()
    }
  }
}

/// Fibers in the order in which they finish.
private final class FinishedFibers<Element: AnyFiber>: Sequence, IteratorProtocol {
  private let finished = Channel<Element>(capacity: .max)
  private let deadline: Deadline
  private var rest: Int
  private var observed: [(fiber: Element, observer: UInt64)] = []

  init(_ fibers: [Element], until deadline: Deadline) {
    self.deadline = deadline
    rest = fibers.count
    for fiber in fibers {
      // The fiber may outlive whoever asked; then nobody wants to know.
      let observer = fiber.observe { [weak finished] in
        _ = try? finished?.trySend(unsafeDowncast($0, to: Element.self))
      }
      if observer != 0 { observed.append((fiber, observer)) }
    }
  }

  deinit { for (fiber, observer) in observed { fiber.forgetObserver(observer) } }

  func next() -> Element? {
    guard rest > 0, let fiber = try? finished.receive(until: deadline) else { return nil }
    rest -= 1
    return fiber
  }
}

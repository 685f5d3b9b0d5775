/// One of the things that a `select(_:)` waits for, and what is done when it happens.
public struct SelectCase<Result> {
  @usableFromInline let choice: Choice
  /// Does what is left of the case's operation, and calls its body.
  @usableFromInline let finish: (Choice.Outcome) throws -> Result

  @inlinable
  init(_ choice: Choice, _ finish: @escaping (Choice.Outcome) throws -> Result) {
    self.choice = choice
    self.finish = finish
  }

  private init(_ source: Choice.Source, _ body: @escaping () throws -> Result) {
    self.init(Choice(source)) { _ in try body() }
  }

  /// Waits until the event is set.
  public static func wait(_ event: Event, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.object(event), body)
  }

  /// Waits until the latch is open.
  public static func wait(_ latch: Latch, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.object(latch), body)
  }

  /// Takes a permit of the semaphore. `body`, or whoever comes after it, gives it back.
  public static func wait(_ semaphore: Semaphore, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.object(semaphore), body)
  }

  /// Waits until the promise has its value, which `body` is given, or its error, which is thrown.
  public static func value<Value>(
    of promise: Promise<Value>, _ body: @escaping (Value) throws -> Result
  ) -> SelectCase {
    SelectCase(.object(promise)) { try body(promise.settledValue()) }
  }

  /// Waits until the fiber, one of the same hub, has its value, which `body` is given, or its error, which is thrown.
  public static func value<Success>(
    of fiber: Fiber<Success>, _ body: @escaping (Success) throws -> Result
  ) -> SelectCase {
    SelectCase(.fiber(fiber)) { try body(fiber.finishedValue()) }
  }

  /// Waits until the fiber, one of the same hub, has finished, whether it succeeded or not.
  public static func end(of fiber: AnyFiber, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.fiber(fiber), body)
  }

  /// Is chosen when nothing else has happened so long after the call of `select(_:)`.
  public static func timeout(_ duration: Duration, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.timeout(duration), body)
  }

  /// Is chosen when nothing else has happened by the deadline.
  public static func deadline(_ deadline: Deadline, _ body: @escaping () throws -> Result) -> SelectCase {
    SelectCase(.deadline(deadline), body)
  }

  /// Is chosen when nothing else is possible at once: then `select(_:)` never waits.
  public static func otherwise(_ body: @escaping () throws -> Result) -> SelectCase { SelectCase(.otherwise, body) }
}

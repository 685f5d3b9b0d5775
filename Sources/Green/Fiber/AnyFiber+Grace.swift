internal import CFiber

// Cancelling in two steps: the fiber is asked to end, and told to after a while.

extension AnyFiber {
  /// Asks the fiber to end by itself, and cancels it where it has not ended after `grace`. Until then its waits go on, so
  /// that it can finish what it has begun: it looks at ``isEnding``, or waits for the next thing to do in
  /// ``withEarlyCancellation(_:)``, where the request takes effect at once. Returns at once: ``join(until:)`` waits for the end.
  ///
  /// ```swift
  /// worker.cancel(grace: .seconds(10))
  /// // in the worker:
  /// while let job = try withEarlyCancellation({ try jobs.receive() }) { try job.run() }
  /// ```
  ///
  /// On the hub's thread. Of several calls the one whose grace ends first counts.
  ///
  /// - Parameters:
  ///   - grace: how long it may take; nothing or less cancels at once.
  ///   - cause: why, for ``cancellationCause``; the first cause stays.
  public final func cancel(grace: Duration, cause: (any Error)? = nil) {
    guard let pointer, !hasToEnd else { return }
    guard grace > .zero else { return cancel(cause: cause) }
    let kept = remains ?? Remains()
    kept.isEnding = true
    kept.cause = kept.cause ?? cause
    remains = kept
    let end = Deadline.after(grace)
    if kept.graceEnd.map({ !$0.isSet || end < $0.deadline }) ?? true {
      kept.graceEnd?.cancel()
      kept.graceEnd = pointer.record.pointee.hub.hub.after(grace) { [weak self] in self?.cancel() }
    }
    guard pointer.isToEndNow else { return }
    pointer.setPending(pointer.record.pointee.pending.union(.cancelled))
    if pointer.record.pointee.shields == 0 { pointer.record.pointee.hub.ready(pointer, .cancelled) }
  }

  /// Whether the fiber was asked to end, by ``cancel(grace:cause:)`` or ``cancel(cause:)``.
  public final var isEnding: Bool { remains.map { $0.isEnding || $0.callsOff > 0 } ?? false }
}

extension Fiber where Success == Never {
  /// Whether the calling fiber was asked to end, by ``AnyFiber/cancel(grace:cause:)`` or ``AnyFiber/cancel(cause:)``; `false`
  /// outside fibers.
  public static var isEnding: Bool { current?.isEnding ?? false }
}

/// Calls `body`, in which an ``AnyFiber/cancel(grace:cause:)`` of the calling fiber takes effect at once, as
/// ``AnyFiber/cancel(cause:)`` does: for the places where it waits for something to do. Outside it the fiber's waits go on for as
/// long as its grace lasts. In a ``withShield(_:)`` it has no effect.
///
/// - Throws: what `body` throws: `CancellationError` from its waits once the fiber was asked to end.
public func withEarlyCancellation<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard let (_, fiber) = Hub.running else { return try body() }
  fiber.record.pointee.earlyScopes += 1
  if fiber.isToEndNow { fiber.setPending(fiber.record.pointee.pending.union(.cancelled)) }
  defer {
    fiber.record.pointee.earlyScopes -= 1
    if !fiber.isToEndNow { fiber.setPending(fiber.record.pointee.pending.subtracting(.cancelled)) }
  }
  return try body()
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  /// Whether the fiber's waits are to end now: it was cancelled, or asked to end where that is enough.
  var isToEndNow: Bool {
    guard record.pointee.heldBack == 0, let object = record.pointee.object?.takeUnretainedValue() else { return false }
    return object.isCancelled || record.pointee.earlyScopes > 0 && object.isEnding
  }
}

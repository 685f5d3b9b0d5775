internal import CFiber

/// Calls `body`, in which every wait ends with ``TimeoutError`` once the deadline has passed.
///
/// Deadlines are absolute and are inherited: by the fibers that are spawned inside, and by scopes inside this one, of
/// which the earlier deadline counts. What can be done without waiting is still done after the deadline. Outside a
/// fiber the deadline is not enforced: give it to the calls themselves.
///
/// - Throws: ``TimeoutError`` when a wait met the deadline and `body` let that error out; else what `body` throws.
public func withDeadline<Result>(_ deadline: Deadline, _ body: () throws -> Result) throws -> Result {
  guard let (_, fiber) = Hub.running else { return try body() }
  let outer = fiber.record.pointee.scopeDeadline
  fiber.setScopeDeadline(min(outer, deadline.nanoseconds))
  defer { fiber.setScopeDeadline(outer) }
  return try body()
}

/// Calls `body` with a deadline that lies `duration` from now. See ``withDeadline(_:_:)``.
public func withTimeout<Result>(_ duration: Duration, _ body: () throws -> Result) throws -> Result {
  try withDeadline(.after(duration), body)
}

/// Calls `body` with the calling fiber's cancellation and deadlines held back, for clean-up that must finish even if it
/// has to wait. Deadlines that the calls themselves are given still count, and so does a ``withDeadline(_:_:)`` inside.
public func withShield<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard let (_, fiber) = Hub.running else { return try body() }
  let (pending, deadline) = (fiber.record.pointee.pending, fiber.record.pointee.scopeDeadline)
  fiber.record.pointee.scopeDeadline = .max
  fiber.record.pointee.heldBack += 1
  fiber.setPending([])
  defer {
    fiber.record.pointee.heldBack -= 1
    fiber.record.pointee.scopeDeadline = deadline
    // Cancelled meanwhile: that takes effect now.
    fiber.setPending(fiber.isToEndNow ? pending.union(.cancelled) : pending)
  }
  return try body()
}

extension ParkedFiber {
  /// Begins or ends a scope of the calling fiber as ``withDeadline(_:_:)`` does, for callers that are no closure. Does
  /// nothing outside fibers.
  ///
  /// - Returns: the deadline until now, to end the scope with.
  package static func setScopeDeadline(_ deadline: Deadline) -> Deadline {
    guard let (_, fiber) = Hub.running else { return .never }
    let outer = fiber.record.pointee.scopeDeadline
    fiber.setScopeDeadline(deadline.nanoseconds)
    return Deadline(nanoseconds: outer)
  }
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  fileprivate func setScopeDeadline(_ deadline: Int64) {
    record.pointee.scopeDeadline = deadline
    record.pointee.refusals = 0
    record.pointee.hasMetDeadline = false
    var pending = record.pointee.pending
    if deadline == .max { pending.remove(.deadline) } else { pending.insert(.deadline) }
    setPending(pending)
  }
}

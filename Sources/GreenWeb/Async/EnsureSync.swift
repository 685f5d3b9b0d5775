public import Green
public import GreenTasks

/// Makes an `async` function one that can be called as blocking code: the one mechanism by which places that take a
/// blocking function take an `async` one too, and what authors of extensions use for theirs.
///
/// The function begins at once, where it is called; when it suspends, the calling fiber parks until it has ended. Under
/// `-k sync` and `-k thread` the calling thread blocks meanwhile. See `Fiber.await` in GreenTasks.
@inlinable
public func ensureSync<each Argument, Result>(
  _ function: @escaping @Sendable (repeat each Argument) async throws -> Result
) -> @Sendable (repeat each Argument) throws -> Result {
  { (argument: repeat each Argument) in
    try Fiber.await { try await function(repeat each argument) }
  }
}

/// Calls `body`, and calls it again where it throws, after waits that become longer, as often as the policy has it.
///
/// ```swift
/// let page = try retry(.init(attempts: 5, budget: budget), if: { $0 is ConnectError }) { _ in try fetch(url) }
/// ```
///
/// Nothing is tried again once the calling fiber has been cancelled, or where the next try would come only after the deadline,
/// the call's own or that of a scope around it: the error is thrown at once then, so that the rest of the time is the caller's.
/// Parks between the tries; on a plain thread it blocks.
///
/// - Parameters:
///   - policy: how often, and after which waits.
///   - deadline: no try begins after it. `body` keeps to it by the deadlines of its own calls.
///   - isWorthwhile: whether another try may help after this error; `CancellationError` and ``TimeoutError``, which tell the
///     fiber to stop, are never asked about.
///   - body: what is tried. It is given the number of the try, from 1.
/// - Returns: what `body` returned.
/// - Throws: the error of the last try; `CancellationError` where the fiber is cancelled while it waits.
public func retry<Result>(
  _ policy: RetryPolicy = RetryPolicy(), until deadline: Deadline = .never,
  if isWorthwhile: (any Error) -> Bool = { _ in true }, _ body: (_ attempt: Int) throws -> Result
) throws -> Result {
  policy.budget?.noteCall()
  var attempt = 1
  while true {
    do {
      return try body(attempt)
    } catch {
      guard attempt < policy.attempts, !(error is CancellationError), !(error is TimeoutError), !Fiber.isCancelled,
        isWorthwhile(error)
      else { throw error }
      let next = Deadline.after(policy.delay(after: attempt))
      guard next < deadline, next < Fiber.currentDeadline, policy.budget?.takeRetry() != false else { throw error }
      try Fiber.sleep(until: next)
      attempt += 1
    }
  }
}

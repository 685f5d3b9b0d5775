/// How often something is tried again, and after which waits. See `retry`.
public struct RetryPolicy: Sendable {
  /// How a wait is changed by chance, so that many who failed at once do not come back at once.
  public enum Jitter: Sendable {
    /// Not at all.
    case none
    /// Anything from nothing up to the whole wait: what spreads best.
    case full
    /// From half of the wait up to all of it.
    case half
  }

  /// How often it is tried in all; 1 is once, without another try.
  public var attempts: Int
  /// The wait before the second try.
  public var firstDelay: Duration
  /// By how much each wait is longer than the one before it.
  public var factor: Double
  /// The longest wait.
  public var longestDelay: Duration
  /// How the waits are changed by chance.
  public var jitter: Jitter
  /// What all who share it may spend on trying again; `nil` where there is no such bound.
  public var budget: RetryBudget?

  /// A policy; by default three tries in all, the waits up to 100 ms and 200 ms.
  public init(
    attempts: Int = 3, firstDelay: Duration = .milliseconds(100), factor: Double = 2,
    longestDelay: Duration = .seconds(10), jitter: Jitter = .full, budget: RetryBudget? = nil
  ) {
    self.attempts = attempts
    self.firstDelay = firstDelay
    self.factor = factor
    self.longestDelay = longestDelay
    self.jitter = jitter
    self.budget = budget
  }

  /// How long to wait after the try of this number, the first being 1.
  public func delay(after attempt: Int) -> Duration {
    let longest = Double(longestDelay.wholeNanoseconds)
    var whole = Double(firstDelay.wholeNanoseconds)
    for _ in 1..<max(1, min(attempt, 1100)) where whole < longest { whole *= factor }
    // Not a number where the factor is none.
    whole = whole.isNaN ? longest : min(max(whole, 0), max(longest, 0))
    switch jitter {
    case .none: break
    case .full: whole *= Chance.fraction()
    case .half: whole *= 0.5 + 0.5 * Chance.fraction()
    }
    return .nanoseconds(Int64(min(whole, 9e18)))
  }
}

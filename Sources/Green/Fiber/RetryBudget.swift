/// What all calls of one kind may spend on trying again: a share of the calls themselves. Where much fails, most of it is then
/// not tried again, and a server that is overloaded does not get a multiple of its load by that. (Finagle's and gRPC's retry
/// budgets.)
///
/// One is shared by those who call the same thing, on any thread.
public final class RetryBudget: Sendable {
  private let credit: Guarded<Double>
  private let share: Double
  private let reserve: Double

  /// A budget.
  ///
  /// - Parameters:
  ///   - share: how many tries more each call is worth; 0.1 is one for ten calls.
  ///   - reserve: how many may be saved up, and are there at the beginning: what is tried again where calls are rare.
  public init(share: Double = 0.1, reserve: Double = 10) {
    self.share = share.isFinite ? max(0, share) : 0
    self.reserve = reserve.isFinite ? max(0, reserve) : 0
    credit = Guarded(self.reserve)
  }

  /// How many tries more it would pay for now.
  public var available: Int { credit.withLock { Int(min($0, 1e15)) } }

  func noteCall() { credit.withLock { $0 = min(reserve, $0 + share) } }

  func takeRetry() -> Bool {
    credit.withLock { credit in
      guard credit >= 1 else { return false }
      credit -= 1
      return true
    }
  }
}

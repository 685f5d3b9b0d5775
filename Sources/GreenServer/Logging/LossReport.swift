import Logging
import Synchronization

/// Tells the error log of lines that another log did not take: the first loss at once, those that follow every 10 s, and the
/// last when the log can be written again.
final class LossReport: Sendable {
  private let name: String
  private let logger: Logger
  private let takeLost: @Sendable () -> Int
  /// When losses are reported again, in nanoseconds of `CLOCK_MONOTONIC`; 0 while there are none.
  private let nextReport = Atomic<Int64>(0)

  private static let interval: Int64 = 10_000_000_000

  /// `name` begins a sentence: `The access log`. `takeLost` says how many lines were lost since it was last asked.
  init(_ name: String, _ logger: Logger, takeLost: @escaping @Sendable () -> Int) {
    self.name = name
    self.logger = logger
    self.takeLost = takeLost
  }

  /// To be called after each line. The common case costs a load.
  @inline(__always)
  func note(isWritten: Bool) {
    if !isWritten || nextReport.load(ordering: .relaxed) > 0 { noteLosses(hasEnded: isWritten) }
  }

  @inline(never)
  private func noteLosses(hasEnded: Bool) {
    let now = monotonicNanoseconds()
    let due = nextReport.load(ordering: .relaxed)
    guard hasEnded || now >= due else { return }
    let next = hasEnded ? 0 : now + Self.interval
    guard nextReport.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged else { return }
    report(hasEnded ? ", and it can be written again" : "")
  }

  /// Tells what was lost and has not been told: at the process's end.
  func reportRest() { report("") }

  private func report(_ more: String) {
    let lost = takeLost()
    guard lost > 0 || !more.isEmpty else { return }
    ErrorLog.noteLost(lost)
    logger.error("\(name) cannot be written: \(lost) \(lost == 1 ? "line" : "lines") lost\(more)")
  }
}

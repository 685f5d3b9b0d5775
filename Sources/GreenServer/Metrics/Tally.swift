import Glibc

/// What the master keeps of workers that have gone.
struct Tally {
  /// When the master began, in seconds since 1970.
  let began = time(nil)
  /// How many workers have been started, and how many have ended.
  var starts = 0
  var ends = 0
  /// What those have counted that have gone.
  private let past = MetricsSum()
  /// How many slots have been used, from the first.
  private var slots = 0

  /// A worker is about to begin in a slot, whose figures are those of one that has gone.
  mutating func takeOver(_ slot: Int, on scoreboard: Scoreboard) {
    slots = max(slots, slot + 1)
    guard let metrics = scoreboard.metrics(at: slot) else { return }
    past.add(metrics)
    metrics.clear()
  }

  /// What all workers that there are and were have counted.
  func sum(on scoreboard: Scoreboard) -> MetricsSum {
    let sum = MetricsSum()
    sum.add(past)
    for slot in 0..<slots { scoreboard.metrics(at: slot).map(sum.add) }
    return sum
  }
}

import Glibc

// Workers that have served enough.
extension WorkerLifecycle {
  /// A worker says that it has reached one of its limits. It serves on.
  mutating func due(_ index: Int, _ reason: String) {
    if workers[index].isServing && workers[index].due == nil { workers[index].due = reason }
  }

  /// Asks for a successor of the worker that has served enough, of several the oldest: its own end comes when that one serves,
  /// as in a reload. One at a time: while another starts, or the one before finishes what it does, the others serve on, so that
  /// there is never more than one process beside those that are wanted.
  mutating func recycle(at now: Int64) {
    for index in workers.indices {
      guard let agedAt = workers[index].agedAt, now >= agedAt else { continue }
      workers[index].due = "it has served for \(seconds(workers[index].limits.maxAge))"
    }
    guard reload == nil, workers.allSatisfy({ isMember($0) && $0.isServing }),
      let index = workers.firstIndex(where: { $0.due != nil }), let pid = workers[index].pid
    else { return }
    workers[index].isOutgoing = true
    actions.append(.log(.info, "Worker (pid:\(pid)) is to be replaced: \(workers[index].due ?? "")"))
  }

  /// A time in nanoseconds as a person reads it.
  func seconds(_ time: Int64) -> String {
    time % 1_000_000_000 == 0 ? "\(time / 1_000_000_000) s" : "\(Double(time / 1_000_000) / 1000) s"
  }
}

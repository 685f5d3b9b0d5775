import Glibc
import Green
import TestSupport

/// How long a test waits for what is to come, in seconds: where the machine is busy with other things any thread may be
/// stopped for seconds, at any moment. A test that passes never waits so long.
let patience = 60.0

/// How many times as long everything takes under a sanitizer.
private let slowness = Sanitizer.current == nil ? 1.0 : 5.0

/// Whether the condition comes true within so many seconds, and five times as many under a sanitizer.
func comesTrue(within limit: Double = patience, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = Deadline.after(.seconds(limit * slowness))
  while true {
    // Looked at before the condition: that has its chance after the end too, when this thread itself was stopped.
    let isOver = end.hasPassed
    if try condition() { return true }
    if isOver { return false }
    usleep(5000)
  }
}

/// Whether it is so. Where it is not, and took as long as the limit says, it is tried again: a client that was stopped for
/// so long is rightly given up. Not for as long as a run that hangs is waited for: what never comes may take each attempt a
/// minute.
func holds(within limit: Double, _ body: () throws -> Bool) throws -> Bool {
  let end = Deadline.after(.seconds(2 * patience * slowness))
  var last: Result<Bool, any Error> = .success(false)
  for _ in 0..<20 where !end.hasPassed {
    let start = Deadline.now
    last = Result { try body() }
    if start.secondsAgo < limit || (try? last.get()) == true { return try last.get() }
  }
  throw Failure("each attempt took longer than \(limit) s, and the last is \(last)")
}

/// Whether one of a few trials passes: for what rests on times that a program has in itself, which are over where a thread
/// was stopped for as long.
func passesOnce(of most: Int = 5, _ trial: () throws -> Bool) rethrows -> Bool {
  try (0..<most).contains { _ in try trial() }
}

/// The first of the times that `body` tells which is below the limit, or the least of a few: what else the machine does may
/// make any one of them long, but not each.
func quickest(of most: Int = 5, below limit: Double, _ body: () throws -> Double) rethrows -> Double {
  var least = Double.infinity
  for _ in 0..<most {
    let time = try body()
    least = min(least, time)
    if least < limit { break }
  }
  return least
}

extension Deadline {
  /// How many seconds ago this moment was.
  var secondsAgo: Double { Double(Deadline.now.nanoseconds - nanoseconds) * 1e-9 }
}

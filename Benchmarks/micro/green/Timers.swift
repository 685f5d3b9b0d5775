internal import Green

/// Timers set and cancelled: each far in the future, at its own time, as many at once as asked for.
func measureTimers(_ count: Int) throws {
  let best = try Hub.run {
    let hub = Hub.current!
    var timers: [HubTimer] = []
    timers.reserveCapacity(count)
    return (0..<3).map { _ in
      nanosecondsEach(count) {
        for number in 0..<count {
          // Spread over an hour in no order, as deadlines of different lengths are.
          timers.append(hub.after(.milliseconds(60_000 + number * 7919 % 3_600_007)) { complain("a timer fired") })
        }
        for timer in timers { timer.cancel() }
        timers.removeAll(keepingCapacity: true)
      }
    }.min()!
  }
  show("ns", best)
}

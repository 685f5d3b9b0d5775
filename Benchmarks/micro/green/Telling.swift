internal import Green

/// An element that four receivers of a broadcast get, each waiting for it.
func measureBroadcast(_ count: Int) throws {
  try showNanoseconds(count) {
    let channel = BroadcastChannel<Int>(capacity: 64), room = Semaphore(0)
    let receivers = (0..<4).map { _ in channel.receiver() }
    let fibers = receivers.map { receiver in
      Fiber.spawn {
        var sum = 0
        while let number = try receiver.receive() {
          sum += number
          room.signal()
        }
        return sum
      }
    }
    for number in 0..<count {
      try channel.send(number)
      // None falls behind.
      try room.acquire(4)
    }
    channel.close()
    for fiber in fibers where try fiber.value != count * (count - 1) / 2 { complain("an element was lost") }
  }
}

/// A value set that one fiber follows.
func measureWatch(_ count: Int) throws {
  try showNanoseconds(count) {
    let watch = Watch(0)
    let changes = watch.changes()
    let follower = Fiber.spawn {
      var last = 0
      while let value = changes.next() { last = value }
      return last
    }
    for number in 1...count {
      watch.set(number)
      Fiber.yield()
    }
    watch.close()
    if try follower.value != count { complain("the last value was lost") }
  }
}

/// Work that nobody else asks for: what asking together costs where it was not needed.
func measureSingleFlight(_ count: Int) throws {
  try showNanoseconds(count) {
    let flights = SingleFlight<Int, Int>()
    var sum = 0
    for number in 0..<count { sum += try flights.value(for: number) { number } }
    if sum != count * (count - 1) / 2 { complain("a result was lost") }
  }
}

/// A call that succeeds at its first try.
func measureRetry(_ count: Int) throws {
  try showNanoseconds(count) {
    let policy = RetryPolicy(budget: RetryBudget())
    var sum = 0
    for number in 0..<count { sum += try retry(policy) { _ in number } }
    if sum != count * (count - 1) / 2 { complain("a result was lost") }
  }
}

/// Runs `body` on a hub and shows what each of `count` took.
func showNanoseconds(_ count: Int, _ body: @escaping () throws -> Void) throws {
  show("ns", try Hub.run { try nanosecondsEach(count, body) })
}

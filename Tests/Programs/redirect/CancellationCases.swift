import CCalls
import CaseSupport
import Glibc
import Green

// In a cancelled fiber, and in one whose deadline has passed, a call that can complete at once completes, and one that
// would wait fails.

let cancellationCases = [
  Case("in a cancelled fiber what can complete at once completes") {
    try inCancelledFiber {
      let ends = makeSocketPair()
      try expectEqual(send(ends.0, "rollback", 8, 0), 8, "send")
      var bytes = [UInt8](repeating: 0, count: 8)
      try expectEqual(recv(ends.1, &bytes, 8, 0), 8, "recv")
      try expectEqual(write(ends.0, "x", 1), 1, "write")
      var entry = pollfd(fd: ends.1, events: CShort(POLLIN), revents: 0)
      try expectEqual(poll(&entry, 1, 1000), 1, "poll")
      try expectEqual(read(ends.1, &bytes, 8), 1, "read")
      try expectEqual(usleep(0), 0, "usleep of no time")
      close(ends.0)
      close(ends.1)
    }
  },
  Case("in a cancelled fiber what would wait fails with ECANCELED, after those that are ready") {
    try inCancelledFiber { try expectWaitsToFail(with: ECANCELED) }
  },
  Case("after a passed deadline what would wait fails with ETIMEDOUT") {
    do {
      try withTimeout(.milliseconds(5)) {
        usleep(10_000)
        try expectWaitsToFail(with: ETIMEDOUT)
        try Fiber.sleep(for: .seconds(1))
      }
    } catch is TimeoutError { return }
    throw Failure(description: "nothing was thrown")
  },
  Case("a wait is ended by a cancellation with ECANCELED and by a deadline with ETIMEDOUT") {
    let ends = makePipe()
    let fiber = Fiber.spawn {
      var byte: UInt8 = 0
      try expectEqual(read(ends.read, &byte, 1), -1, "read")
      try expectEqual(errno, ECANCELED)
    }
    usleep(5000)
    fiber.cancel()
    try fiber.value
    do {
      try withTimeout(.milliseconds(5)) {
        var byte: UInt8 = 0
        try expectEqual(read(ends.read, &byte, 1), -1, "read")
        try expectEqual(errno, ETIMEDOUT)
      }
    } catch is TimeoutError {}
  },
  Case("fifty fibers and more in every kind of wait at once end when they are cancelled") {
    _ = try inEveryWait { fibers in
      for fiber in fibers { fiber.cancel() }
      return ECANCELED
    }
  },
  Case("fifty fibers and more in every kind of wait at once end at their deadline") {
    // On a busy machine the time may pass before all of them wait.
    let deadlines: [Duration] = [.milliseconds(150), .seconds(2), .seconds(20)]
    let isInTime = try deadlines.contains { try inEveryWait(deadline: $0) { _ in ETIMEDOUT } }
    try expect(isInTime, "they did not come to wait in time")
  },
  Case("a queue that is closed ends the waits for it") {
    for isFull: CInt in [0, 1] {
      let queue = ccalls_queue(isFull)
      try expect(queue >= 0, "errno \(errno)")
      let fibers = (0..<10).map { _ in
        Fiber.spawn {
          try expectEqual(isFull == 1 ? Int(ccalls_queue_send(queue)) : ccalls_queue_receive(queue), -1)
          try expectEqual(errno, EBADF)
        }
      }
      usleep(10_000)
      try whileOthersRun {
        usleep(10_000)
        ccalls_queue_close(queue)
        for fiber in fibers { try fiber.value }
      }
    }
  },
  // Prints what the test looks for; run by its name.
  Case("a loop in a cancelled fiber", isHidden: true) {
    let ends = makePipe()
    let fiber = Fiber.spawn(name: "stubborn") {
      var byte: UInt8 = 0
      Fiber.yield()
      for _ in 0..<5000 { _ = read(ends.read, &byte, 1) }
    }
    Fiber.yield()
    fiber.cancel()
    var turns = 0
    while !fiber.isFinished {
      Fiber.yield()
      turns += 1
    }
    try fiber.value
    try expect(turns > 4000, "the others had \(turns) turns only")
  },
]

/// Runs `body` in a fiber that has been cancelled already.
private func inCancelledFiber(_ body: @escaping () throws -> Void) throws {
  // Unsafe: the fiber runs on this thread.
  nonisolated(unsafe) let body = body
  let fiber = Fiber.spawn {
    Fiber.yield()
    try body()
  }
  // One that has not begun would not begin.
  Fiber.yield()
  fiber.cancel()
  try fiber.value
}

private func expectWaitsToFail(with error: CInt) throws {
  try expectEqual(ccalls_prepare(), 0, "preparing")
  defer { ccalls_clean_up() }
  nonisolated(unsafe) var others = 0
  var index = 0
  while let name = ccalls_name(index) {
    let call = String(cString: name)
    _ = Fiber.spawn { others += 1 }
    let result = ccalls_wait(index)
    let number = errno
    try expectEqual(result, -1, call)
    try expectEqual(number, error, "errno of \(call)")
    try expectEqual(others, 1, "turns of the others during \(call)")
    others = 0
    index += 1
  }
}

/// Makes every call that waits in two fibers of its own at once, and ends them.
///
/// - Returns: whether all of them waited at once, before the deadline.
private func inEveryWait(deadline: Duration? = nil, _ end: ([Fiber<Void>]) -> CInt) throws -> Bool {
  try expectEqual(ccalls_prepare(), 0, "preparing")
  defer { ccalls_clean_up() }
  let firstEnd = deadline.map { Deadline.after($0) } ?? .never
  nonisolated(unsafe) var results: [(call: String, result: Int, error: CInt)] = []
  var fibers: [Fiber<Void>] = []
  var index = 0
  while let name = ccalls_name(index) {
    let (call, number) = (String(cString: name), index)
    index += 1
    // Each side of a FIFO would find the other.
    if call.contains("fifo") { continue }
    for _ in 0..<2 {
      fibers.append(
        Fiber.spawn {
          let wait = {
            let result = ccalls_wait(number)
            results.append((call, result, errno))
          }
          if let deadline { try? withTimeout(deadline, wait) } else { wait() }
        })
    }
  }
  usleep(50_000)
  let early = results.map(\.call)
  let isInTime = !firstEnd.hasPassed
  if isInTime { try expectEqual(early, [], "did not wait") }
  let error = end(fibers)
  for fiber in fibers { try fiber.value }
  try expect(fibers.count >= 50, "\(fibers.count) fibers only")
  try expectEqual(results.count, fibers.count)
  for one in results {
    try expectEqual(one.result, -1, one.call)
    try expectEqual(one.error, error, "errno of \(one.call)")
  }
  return isInTime
}

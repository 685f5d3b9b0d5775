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
  Case("in a cancelled fiber what would wait fails with ECANCELED, behind those that are ready") {
    try inCancelledFiber { try expectWaitsToFail(with: ECANCELED) }
  },
  Case("behind a passed deadline what would wait fails with ETIMEDOUT") {
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
    try? withTimeout(.milliseconds(5)) {
      var byte: UInt8 = 0
      try expectEqual(read(ends.read, &byte, 1), -1, "read")
      try expectEqual(errno, ETIMEDOUT)
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
  let ends = makeSocketPair()
  var byte: UInt8 = 0
  nonisolated(unsafe) var others = 0
  func fails(_ what: String, _ result: Int) throws {
    try expectEqual(result, -1, what)
    try expectEqual(errno, error, "errno of \(what)")
    try expectEqual(others, 1, "turns of the others during \(what)")
    others = 0
  }
  func failing(_ what: String, _ call: () -> Int) throws {
    _ = Fiber.spawn { others += 1 }
    try fails(what, call())
  }
  try failing("read") { read(ends.0, &byte, 1) }
  try failing("recv") { recv(ends.0, &byte, 1, 0) }
  try failing("usleep") { Int(usleep(1_000_000)) }
  var entry = pollfd(fd: ends.0, events: CShort(POLLIN), revents: 0)
  try failing("poll") { Int(poll(&entry, 1, 1000)) }
  try expectEqual(fcntl(ends.0, F_GETFL) & O_NONBLOCK, 0, "flags")
}

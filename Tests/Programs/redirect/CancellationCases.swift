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

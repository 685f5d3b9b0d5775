import CaseSupport
import Glibc
import Green
import GreenTasks

// From fibers to tasks.

@Sendable private func waitAsBlockingCode(_ waiting: Green.Semaphore) throws {
  try Fiber.await {
    await Task.yield()
    waiting.signal()
    try await Task.sleep(for: .seconds(1000))
  }
}

let awaitCases = [
  Case("code that does not suspend is awaited without a switch") {
    guard jobsRunInFibers else { return }
    let before = Hub.current!.counters.switches
    try expectEqual(try Fiber.await { 7 }, 7)
    try expectEqual(Hub.current!.counters.switches, before, "switches")
  },
  Case("a thousand tasks sleep at once on one thread") {
    let time = try seconds {
      try Fiber.await {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<1000 { group.addTask { try? await Task.sleep(for: .milliseconds(100)) } }
        }
      }
    }
    try expect(time < 15, "it took \(time) s")
    if TaskRuntime.mode == .process { try expectEqual(try threadCount(), 1, "threads") }
  },
  Case("errors come back as they were") {
    try expectError(Mishap.self) { try Fiber.await { throw Mishap(number: 3) } }
    try expectError(Mishap.self) {
      try Fiber.await {
        await Task.yield()
        throw Mishap(number: 3)
      }
    }
  },
  Case("fibers run while one awaits") {
    var order: [Int] = []
    let other = Fiber.spawn { order.append(2) }
    order.append(1)
    try Fiber.await { try await Task.sleep(for: .milliseconds(5)) }
    order.append(3)
    try other.join()
    try expectEqual(order, [1, 2, 3])
  },
  Case("cancelling the fiber cancels the task, and the fiber waits for its end") {
    var ended = false
    let fiber = Fiber.spawn {
      try Fiber.await {
        defer { ended = true }
        try await Task.sleep(for: .seconds(100))
      }
    }
    try Fiber.sleep(for: .milliseconds(5))
    fiber.cancel()
    try expectError(CancellationError.self) { try fiber.value }
    try expect(ended, "the task goes on")
  },
  Case("in a fiber that was cancelled before, a task that suspends is cancelled") {
    let fiber = Fiber.spawn {
      Fiber.yield()
      return try Fiber.await {
        await Task.yield()
        return Task.isCancelled
      }
    }
    Fiber.yield()
    fiber.cancel()
    try expectEqual(try fiber.value, true)
  },
  Case("cancelling the fiber ends what its task awaits as blocking code does, and its children, and nothing else") {
    guard jobsRunInFibers else { return }
    let (waiting, othersWait, go, othersEnd) = (Green.Semaphore(0), Event(), Event(), Event())
    let fiber = Fiber.spawn {
      try Fiber.await {
        await Task.yield()
        Task {
          await Task.yield()
          try Fiber.await {
            await Task.yield()
            othersWait.set()
            try await Fiber.run { try go.wait() }
          }
          othersEnd.set()
        }
        async let child: Void = waitAsBlockingCode(waiting)
        try waitAsBlockingCode(waiting)
        try await child
      }
    }
    for _ in 0..<2 { try waiting.wait() }
    try othersWait.wait()
    fiber.cancel()
    try expectError(CancellationError.self) { try fiber.value }
    go.set()
    try othersEnd.wait(until: .after(.seconds(30)))
    // What comes after in the same fibers is not cancelled.
    try Fiber.await {
      await Task.yield()
      try Fiber.await { try await Task.sleep(for: .milliseconds(1)) }
    }
  },
  Case("in a task that was cancelled by its fiber, what is awaited as blocking code does is cancelled") {
    guard jobsRunInFibers else { return }
    let begun = Event()
    let fiber = Fiber.spawn {
      try Fiber.await {
        begun.set()
        try? await Task.sleep(for: .seconds(1000))
        try Fiber.await { try await Task.sleep(for: .seconds(1000)) }
      }
    }
    try begun.wait()
    fiber.cancel()
    try expectError(CancellationError.self) { try fiber.value }
  },
  Case("a scope's deadline ends what the task awaits as blocking code does, but no shield, and is told as such") {
    guard jobsRunInFibers else { return }
    nonisolated(unsafe) var isCleanedUp = false
    try expectError(TimeoutError.self) {
      try withTimeout(.milliseconds(20)) {
        try Fiber.await {
          await Task.yield()
          defer {
            try? withShield {
              try Fiber.await { try await Task.sleep(for: .milliseconds(20)) }
              isCleanedUp = true
            }
          }
          try Fiber.await { try await Task.sleep(for: .seconds(1000)) }
        }
      }
    }
    try expect(isCleanedUp, "the shield was broken")
  },
  Case("a scope's deadline ends the task and is told as such") {
    let time = try seconds {
      try expectError(TimeoutError.self) {
        try withTimeout(.milliseconds(20)) {
          try Fiber.await { try await Task.sleep(for: .seconds(100)) }
        }
      }
    }
    try expect(time < 50, "it took \(time) s")
    try Fiber.await { try await Task.sleep(for: .milliseconds(1)) }
  },
  Case("task-locals carry over, and are the fiber's own") {
    guard jobsRunInFibers else { return }
    try together(
      (1...20).map { number in
        {
          try Local.$number.withValue(number) {
            try Fiber.await {
              for _ in 0..<5 {
                await Task.yield()
                try expectEqual(Local.number, number)
                try await Task.sleep(for: .milliseconds(1))
              }
              async let child = Local.number
              try expectEqual(await child, number)
            }
            Fiber.yield()
            try expectEqual(Local.number, number)
          }
          try expectEqual(Local.number, 0)
        }
      })
  },
  Case("the priority of a background fiber is its task's") {
    let fiber = Fiber.spawn(priority: .background) { try Fiber.await { Task.currentPriority } }
    try expectEqual(try fiber.value, .background)
  },
  Case("a task may await a fiber that awaits a task") {
    guard jobsRunInFibers else { return }
    let value = try Fiber.await {
      await Task.yield()
      let inner = Fiber.spawn {
        try Fiber.await {
          await Task.yield(); return 5
        }
      }
      return try inner.value
        + Fiber.await {
          await Task.yield(); return 2
        }
    }
    try expectEqual(value, 7)
  },
  Case("a continuation that another thread resumes") {
    nonisolated(unsafe) var thread: PlainThread?
    let value = try Fiber.await {
      await withCheckedContinuation { continuation in
        thread = PlainThread {
          usleep(5000)
          continuation.resume(returning: 11)
        }
      }
    }
    try expectEqual(value, 11)
    thread?.join()
  },
  Case("a task that the hub itself runs cannot await as a fiber does, and is told so") {
    if jobsRunInFibers { return }
    try Fiber.await {
      try await Task.sleep(for: .milliseconds(1))
      do {
        try Fiber.await { try await Task.sleep(for: .milliseconds(1)) }
        throw Failure(description: "it waited for itself")
      } catch HubError.outside {}
      // In a fiber it may.
      try await Fiber.run { try Fiber.await { try await Task.sleep(for: .milliseconds(1)) } }
    }
  },
  Case("many fibers await at once") {
    let time = try seconds {
      try together((0..<200).map { _ in { try Fiber.await { try await Task.sleep(for: .milliseconds(100)) } } })
    }
    try expect(time < 15, "it took \(time) s")
  },
]

import CaseSupport
import Glibc
import Green
import GreenTasks

@MainActor private var mainValue = 0

@MainActor private func addSlowlyOnMain() {
  let before = mainValue
  usleep(1000)
  mainValue = before + 1
}

let actorCases = [
  Case("an actor is one at a time, also over blocking calls") {
    let value = try Fiber.await {
      let counter = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<50 { group.addTask { await counter.addSlowly() } }
      }
      return await counter.value
    }
    try expectEqual(value, 50)
  },
  Case("the main actor is one at a time, on the hub's thread, also over blocking calls") {
    guard TaskRuntime.mode == .process else { return }
    let thread = threadID()
    try Fiber.await {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<50 { group.addTask { await addSlowlyOnMain() } }
      }
      let (value, mainThread) = await MainActor.run { (mainValue, threadID()) }
      try expectEqual(value, 50)
      try expectEqual(mainThread, thread, "the main actor's thread")
    }
  },
  Case("detached tasks, child tasks and clocks") {
    try Fiber.await {
      let detached = Task.detached(priority: .low) { () -> Int in
        try? await ContinuousClock().sleep(until: .now + .milliseconds(2))
        try? await SuspendingClock().sleep(until: .now + .milliseconds(2))
        return 4
      }
      async let one = { () async -> Int in
        await Task.yield(); return 1
      }()
      async let two = { () async -> Int in
        await Task.yield(); return 2
      }()
      try expectEqual(await detached.value + one + two, 7)
    }
  },
  Case("a cancelled sleep ends at once") {
    try Fiber.await {
      let task = Task { try await Task.sleep(for: .seconds(100)) }
      await Task.yield()
      task.cancel()
      do {
        try await task.value
        throw Mishap(number: 0)
      } catch is CancellationError {}
    }
  },
]

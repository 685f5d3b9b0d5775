import CaseSupport
import Glibc
import Green
import GreenTasks

// Task-locals, from tasks to fibers, to tasks of those, and to other threads.

let localCases = [
  Case("task-locals go wherever the code goes") {
    guard jobsRunInFibers else { return }
    try Fiber.await {
      await withTaskGroup(of: [Int].self) { group in
        for number in 1...50 {
          group.addTask { await Local.$number.withValue(number) { await wander() } }
        }
        var number = Set<Int>()
        for await seen in group {
          try? expect(Set(seen).count == 1 && seen.count == 7, "\(seen)")
          number.formUnion(seen)
        }
        try? expect(number == Set(1...50), "\(number)")
      }
      try expectEqual(Local.number, 0)
    }
  },
  Case("a fiber goes on with its task-locals when the task that spawned it has ended") {
    guard jobsRunInFibers else { return }
    let fiber = try Fiber.await {
      try await Local.$number.withValue(7) {
        nonisolated(unsafe) let fiber = Fiber.spawn {
          try Fiber.sleep(for: .milliseconds(20))
          return try Fiber.await {
            await Task.yield()
            return Local.number
          }
        }
        try await Task.sleep(for: .milliseconds(1))
        return fiber
      }
    }
    try expectEqual(Local.number, 0)
    try expectEqual(try fiber.value, 7)
  },
  Case("a task's end does not cancel the fibers that it spawned") {
    guard jobsRunInFibers && TaskRuntime.mode == .process else { return }
    nonisolated(unsafe) var fiber: Fiber<Bool>?
    try Fiber.await {
      let task = Task {
        fiber = Fiber.spawn {
          try Fiber.sleep(for: .milliseconds(10))
          return Task.isCancelled
        }
        try await Task.sleep(for: .seconds(60))
      }
      await Task.yield()
      try await Task.sleep(for: .milliseconds(1))
      task.cancel()
      _ = await task.result
    }
    try expectEqual(try fiber!.value, false)
  },
]

/// What the task-local is in each place that code may be.
@Sendable private func wander() async -> [Int] {
  var seen = [Local.number]
  async let child = Local.number
  seen.append(await child)
  seen.append(await Task { Local.number }.value)
  let fiber = Fiber.spawn { () throws -> [Int] in
    try Fiber.sleep(for: .milliseconds(1))
    let inner = Fiber.spawn { Local.number }
    let awaited = try Fiber.await {
      await Task.yield()
      return Local.number
    }
    return [Local.number, try inner.value, awaited, try offload { Local.number }]
  }
  return seen + ((try? fiber.value) ?? [])
}

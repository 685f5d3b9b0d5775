import CaseSupport
import Glibc
import Green
import GreenTasks

/// What went wrong, of all tasks of a run. Used on the hub's thread alone.
private final class Tally: @unchecked Sendable {
  var wrong = 0
  var done = 0
  var cancelled = 0

  func look(_ number: Int) { if Local.number != number { wrong += 1 } }
}

@Sendable private func child(_ number: Int, _ tally: Tally) async -> Int {
  Fiber.yield()
  tally.look(number)
  await Task.yield()
  Fiber.yield()
  tally.look(number)
  return number
}

@Sendable private func parent(_ number: Int, _ tally: Tally) async {
  await Local.$number.withValue(number) {
    async let first = child(number, tally)
    async let second = child(number, tally)
    if await first + second != 2 * number { tally.wrong += 1 }
    await withTaskGroup(of: Int.self) { group in
      group.addTask(priority: number % 3 == 0 ? .background : .high) { await child(number, tally) }
      group.addTask {
        // One in eight is cancelled while it sleeps.
        do { try await Task.sleep(for: number % 8 == 0 ? .seconds(1000) : .microseconds(10)) } catch {
          tally.cancelled += 1
        }
        tally.look(number)
        return number
      }
      if number % 8 == 0 { group.cancelAll() }
      for await value in group where value != number { tally.wrong += 1 }
    }
    tally.look(number)
    tally.done += 1
  }
}

/// How many tasks there are that each have two children and a group of two: 200,000 in the deep tests, by environment.
private let taskCount = getenv("GREENFINCH_TASKS").flatMap { Int(String(cString: $0)) } ?? 1_000

let stressCases = [
  Case("tasks with children and groups that switch fibers inside jobs keep their task-locals") {
    guard TaskRuntime.mode == .process else { return }
    let tally = Tally()
    let before = Hub.current!.fiberCount
    try Fiber.await {
      var number = 0
      while number < taskCount {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<min(2000, taskCount - number) {
            number += 1
            group.addTask { [number] in await parent(number, tally) }
          }
        }
      }
    }
    try expectEqual(tally.wrong, 0, "wrong values")
    try expect(tally.done == taskCount, "only \(tally.done) are done")
    try expect(tally.cancelled > 0, "none was cancelled")
    // Those that have come for jobs and found none, in the background too.
    for _ in 0..<1000 where Hub.current!.fiberCount > before { try Fiber.sleep(for: .milliseconds(1)) }
    try expectEqual(Hub.current!.fiberCount, before, "fibers")
  }
]

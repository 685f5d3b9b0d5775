import CaseSupport
import Glibc
import Green

private enum Locals {
  @TaskLocal static var name = "none"
}

private enum Bound {
  static let name = FiberLocal("none")
  static let ending = FiberLocal<Ending?>(nil)
  nonisolated(unsafe) static var seen: [String] = []
  nonisolated(unsafe) static var key = pthread_key_t()

  static func setKey() { pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1)) }
}

/// A value that binds another and makes a variable when it ends.
private final class Ending: Sendable {
  deinit {
    Bound.name.withValue("its own") { Bound.seen.append("deinit: \(Bound.name.value)") }
    Bound.setKey()
  }
}

private final class Box {
  var number = 0
  init() {}
}

@inline(never)
private func hold(_ number: inout Int, _ body: () throws -> Void) rethrows {
  number += 1
  try body()
}

/// Runs jobs in whatever fiber calls `runAll`.
private final class FiberExecutor: TaskExecutor, SerialExecutor, @unchecked Sendable {
  private var jobs: [UnownedJob] = []
  var isEmpty: Bool { jobs.isEmpty }
  func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }
  func runOne() {
    guard !jobs.isEmpty else { return }
    jobs.removeFirst().runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }
  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

private final class Tally: @unchecked Sendable {
  var done = 0
  var wrong = 0
}

let localsCases = [
  Case("two fibers may access one property over a wait") {
    let box = Box()
    try together(
      { try hold(&box.number) { try Fiber.sleep(for: .milliseconds(10)) } },
      { try hold(&box.number) { try Fiber.sleep(for: .milliseconds(5)) } })
    try expectEqual(box.number, 2)
  },
  Case("the runtime's words were found and verified") {
    let mode = Hub.current!.runtimeLocals
    guard getenv("GREEN_RUNTIME_LOCALS") == nil else {
      return try expectEqual("\(mode)", "accesses only (asked for by GREEN_RUNTIME_LOCALS)")
    }
    guard case .swapped(let words) = mode else { throw Failure(description: "fell back: \(mode)") }
    try expect(words >= 3 && words <= 5, "\(words) words")
  },
  Case("a fiber sees its own task-locals") {
    guard case .swapped = Hub.current!.runtimeLocals else { return }
    try together(
      (0..<20).map { index in
        {
          try expectEqual(Locals.name, "none")
          try Locals.$name.withValue("fiber \(index)") {
            for _ in 0..<5 {
              Fiber.yield()
              try expectEqual(Locals.name, "fiber \(index)")
            }
          }
          try expectEqual(Locals.name, "none")
        }
      })
  },
  Case("jobs that are switched out of keep their task and its locals") {
    guard case .swapped = Hub.current!.runtimeLocals else { return }
    let executor = FiberExecutor()
    let tally = Tally()
    let count = 2000
    for index in 0..<count {
      Task.detached(executorPreference: executor) {
        let mine = "task \(index)"
        await Locals.$name.withValue(mine) {
          async let child = { () async -> String in
            Fiber.yield()
            await Task.yield()
            Fiber.yield()
            return Locals.name
          }()
          Fiber.yield()
          if Locals.name != mine { tally.wrong += 1 }
          if await child != mine { tally.wrong += 1 }
          await withTaskGroup(of: String.self) { group in
            group.addTask {
              Fiber.yield()
              return Locals.name
            }
            for await name in group where name != mine { tally.wrong += 1 }
          }
        }
        tally.done += 1
      }
    }
    try together(
      (0..<8).map { _ in
        {
          while tally.done < count {
            executor.runOne()
            Fiber.yield()
          }
        }
      })
    try expectEqual(tally.wrong, 0, "wrong task-locals")
  },
  Case(
    "destructors find the fiber's locals, whose own ends may bind others and make variables",
    skip: FiberIsolation.refusal
  ) {
    pthread_key_create(&Bound.key) { _ in Bound.seen.append("destructor: \(Bound.name.value)") }
    let fiber = Bound.name.withValue("inherited") {
      Bound.ending.withValue(Ending()) { Fiber.spawn(isolation: .thread) { Bound.setKey() } }
    }
    try fiber.value
    pthread_key_delete(Bound.key)
    try expectEqual(Bound.seen, ["destructor: inherited", "deinit: its own", "destructor: none"])
  },
]

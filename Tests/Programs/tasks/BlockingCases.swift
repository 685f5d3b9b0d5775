import CaseSupport
import Glibc
import Green
import GreenTasks

// From tasks to blocking code.

/// Suspends until the code that it is for has begun, and for some milliseconds more.
private func untilSet(_ event: Event) async throws {
  repeat { try await Task.sleep(for: .milliseconds(5)) } while !event.isSet
}

let blockingCases = [
  Case("blocking calls in async code park, and the other tasks run") {
    guard jobsRunInFibers else { return }
    let threads = try threadCount()
    let time = try seconds {
      try Fiber.await {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<200 { group.addTask { usleep(100_000) } }
        }
      }
    }
    try expect(time < 15, "it took \(time) s")
    if TaskRuntime.mode == .process { try expectEqual(try threadCount(), threads, "threads") }
  },
  Case("blocking code is run in fibers and awaited") {
    let time = try seconds {
      let sum = try Fiber.await {
        try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 1...200 {
            group.addTask {
              try await Fiber.run {
                try Fiber.sleep(for: .milliseconds(100))
                return number
              }
            }
          }
          return try await group.reduce(0, +)
        }
      }
      try expectEqual(sum, 20_100)
    }
    try expect(time < 15, "it took \(time) s")
  },
  Case("cancelling a task ends the blocking code that it awaits") {
    try Fiber.await {
      let begun = Event()
      let task = Task {
        try await Fiber.run {
          var byte: UInt8 = 0
          let (read, _) = makePipe()
          begun.set()
          let result = Glibc.read(read, &byte, 1)
          return result < 0 ? errno : 0
        }
      }
      try await untilSet(begun)
      task.cancel()
      try expectEqual(try await task.value, ECANCELED)
      // What comes after is not cancelled.
      try await Task { try await Fiber.run { try Fiber.sleep(for: .milliseconds(1)) } }.value
    }
  },
  Case("a task that is cancelled in blocking code leaves its fiber to others as it was") {
    guard jobsRunInFibers else { return }
    actor Waiting {
      func block() async -> Bool {
        _ = try? await Fiber.run { try Fiber.sleep(for: .seconds(100)) }
        return Fiber.isCancelled
      }
      func wait() throws { try Fiber.sleep(for: .milliseconds(1)) }
    }
    try Fiber.await {
      let waiting = Waiting()
      let blocked = (0..<10).map { _ in Task { await waiting.block() } }
      try await Task.sleep(for: .milliseconds(10))
      for task in blocked { task.cancel() }
      let others = (0..<10).map { _ in Task { try await waiting.wait() } }
      for task in blocked {
        let isCancelled = await task.value
        try expect(!isCancelled, "the fiber is cancelled")
      }
      for task in others { try await task.value }
    }
  },
  Case("blocking code that asks whether it is to end ends with its task") {
    try Fiber.await {
      let (begun, loops) = (Event(), Event())
      let task = Task {
        try await Fiber.run {
          begun.set()
          while !Fiber.isEnding { try Fiber.sleep(for: .microseconds(10)) }
        }
      }
      try await untilSet(begun)
      task.cancel()
      _ = try? await task.value
      let looping = Task {
        try await Fiber.run {
          loops.set()
          while !Fiber.isEnding { Fiber.yield() }
        }
      }
      try await untilSet(loops)
      looping.cancel()
      try await looping.value
    }
  },
  Case("errors of blocking code come back as they were") {
    try expectError(Mishap.self) { try Fiber.await { try await Fiber.run { throw Mishap(number: 1) } } }
  },
  Case("task-locals are seen in the blocking code") {
    guard jobsRunInFibers else { return }
    try Fiber.await {
      try await Local.$number.withValue(9) {
        try await Fiber.run {
          usleep(1000)
          try expectEqual(Local.number, 9)
        }
      }
    }
  },
  Case("a hub on a thread of its own runs blocking code for any task") {
    let thread = try HubThread()
    defer { thread.stop() }
    let time = try seconds {
      try Fiber.await {
        try await withThrowingTaskGroup(of: UInt.self) { group in
          for _ in 0..<200 {
            group.addTask {
              try await thread.run {
                usleep(100_000)
                return threadID()
              }
            }
          }
          var threads: Set<UInt> = []
          for try await thread in group { threads.insert(thread) }
          try expectEqual(threads.count, 1, "threads")
          try expect(!threads.contains(threadID()), "it ran here")
        }
      }
    }
    try expect(time < 15, "it took \(time) s")
  },
  Case("a hub's thread that was told to stop runs what it was given, and refuses what comes later") {
    let thread = try HubThread()
    let begun = Event()
    let last = Task {
      try await thread.run {
        begun.set()
        usleep(50_000)
        return 7
      }
    }
    try begun.wait()
    thread.stop()
    try Fiber.await {
      do {
        try await thread.run {}
        throw Failure(description: "it ran after the thread had been told to stop")
      } catch HubError.ended {}
      try expectEqual(try await last.value, 7)
      do {
        try await thread.run {}
        throw Failure(description: "it ran after the thread's end")
      } catch HubError.ended {}
    }
  },
  Case("a hub's thread that is stopped meanwhile runs each call or refuses it") {
    for _ in 0..<50 {
      let thread = try HubThread()
      try Fiber.await {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<20 {
            group.addTask {
              do {
                try expectEqual(try await thread.run { number }, number)
              } catch HubError.ended {}
            }
            if number == 10 { group.addTask { thread.stop() } }
          }
          try await group.waitForAll()
        }
      }
    }
  },
]

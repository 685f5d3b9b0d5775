import Green
import GreenTasks
import GreenTesting
import InMemoryLogging
import Logging
import Testing
import Tracing

private enum NameKey: ServiceContextKey { typealias Value = String }

/// The current context and the current logger belong to the fiber or task that they were bound in, and to what it
/// begins.
@Suite struct ContextTests {
  private func named(_ name: String) -> ServiceContext {
    var context = ServiceContext.topLevel
    context[NameKey.self] = name
    return context
  }

  @Test func aContextReachesNoOtherFiberWhateverTheSchedule() throws {
    try TestHub.explore(seeds: 50) {
      let fibers = (0..<8).map { index in
        Fiber.spawn {
          // Every other fiber binds nothing, and has nothing.
          let name = index % 2 == 0 ? "context \(index)" : nil
          var seen: [String?] = []
          func wander() throws {
            for _ in 0..<3 {
              seen.append(ServiceContext.current?[NameKey.self])
              try pause()
              Fiber.yield()
              seen.append(try Fiber.spawn { ServiceContext.current?[NameKey.self] }.value)
            }
          }
          if let name { try ServiceContext.withValue(named(name), operation: wander) } else { try wander() }
          let after = ServiceContext.current?[NameKey.self]
          return seen.allSatisfy { $0 == name } && after == nil
        }
      }
      for fiber in fibers {
        let isOwn = try fiber.value
        try #require(isOwn)
      }
    }
  }

  @Test func aContextCrossesFromFibersToTasksAndBack() async throws {
    let strays = try await onHub {
      let fibers = (0..<50).map { index in
        Fiber.spawn {
          let name: String? = index % 2 == 0 ? "context \(index)" : nil
          let seen = Mutex<[String?]>([])
          let look: @Sendable () -> Void = { seen.withLock { $0.append(ServiceContext.current?[NameKey.self]) } }
          func wander() throws {
            look()
            try Fiber.await {
              look()
              await pauseTask()
              await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                  group.addTask {
                    await pauseTask()
                    look()
                    try? await Fiber.run {
                      try pause()
                      look()
                    }
                  }
                }
              }
              await Task { look() }.value
              look()
            }
            try offload { look() }
            look()
          }
          if let name { try ServiceContext.withValue(named(name), operation: wander) } else { try wander() }
          let all = seen.withLock { $0 }
          return all.count == 12 && all.allSatisfy { $0 == name } ? [] : ["\(index): \(all)"]
        }
      }
      return try fibers.flatMap { try $0.value }
    }
    #expect(strays == [])
  }

  @Test func theCurrentLoggerHasTheMetadataOfItsOwnRequest() async throws {
    let log = InMemoryLogHandler()
    try await onHub {
      try withLogger(Logger(label: "test") { _ in log }) { _ in
        let fibers = (0..<50).map { index in
          Fiber.spawn {
            try withLogger(mergingMetadata: ["request": "\(index)"]) { logger in
              logger.info("\(index) begins")
              try pause()
              let fiber = Fiber.spawn {
                try withLogger(mergingMetadata: ["step": "fiber"]) { _ in
                  try pause()
                  Logger.current.info("\(index) fiber")
                }
              }
              try offload { Logger.current.info("\(index) thread") }
              try Fiber.await {
                await pauseTask()
                await withLogger(mergingMetadata: ["step": "task"]) { _ in
                  await pauseTask()
                  Logger.current.info("\(index) task")
                  await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                      await pauseTask()
                      Logger.current.info("\(index) child task")
                    }
                  }
                }
              }
              try fiber.value
              Logger.current.info("\(index) ends")
            }
            Logger.current.info("\(index) after")
          }
        }
        for fiber in fibers { try fiber.value }
      }
    }
    let steps = ["fiber": "fiber", "task": "task", "child task": "task"]
    #expect(log.entries.count == 50 * 7)
    for entry in log.entries {
      let text = "\(entry.message)"
      let index = text.prefix { $0 != " " }
      let place = String(text.dropFirst(index.count + 1))
      var expected: Logger.Metadata = place == "after" ? [:] : ["request": "\(index)"]
      if let step = steps[place] { expected["step"] = "\(step)" }
      #expect(entry.metadata == expected, "\(text)")
    }
  }
}

import Green
import SuiteSupport
import TestSupport
import Testing

/// Fibers have the task-locals of who spawned them, as unstructured tasks do.
@Suite(.bounded) struct InheritanceTests {
  enum Local {
    @TaskLocal static var name = "none"
    @TaskLocal static var object: Object?
  }

  final class Object: Sendable {
    let isGone: Event
    init(_ isGone: Event) { self.isGone = isGone }
    deinit { isGone.set() }
  }

  @Test func aFiberHasTheTaskLocalsOfWhoSpawnedIt() throws {
    try onEverySchedule {
      let fibers = ["a", "b", "c"].map { name in
        Local.$name.withValue(name) {
          Fiber.spawn {
            try Fiber.sleep(for: .milliseconds(1))
            let inner = Local.$name.withValue(name + "+") { Fiber.spawn { Local.name } }
            Fiber.yield()
            return "\(Local.name) \(try inner.value)"
          }
        }
      }
      #expect(Local.name == "none")
      let names = try fibers.map { try $0.value }
      #expect(names == ["a a+", "b b+", "c c+"])
      let free = try Fiber.spawn { Local.name }.value
      #expect(free == "none")
    }
  }

  @Test func groupsPoolsAndThreadsHaveThem() throws {
    try onHub {
      try Local.$name.withValue("here") {
        let names = try withFiberGroup(of: String.self) { group in
          for _ in 0..<3 { try group.spawn { Local.name } }
          var names: [String] = []
          while let name = group.next() { names.append(name) }
          return names
        }
        let pooled = try FiberPool(limit: 2).map(0..<3) { _ in Local.name }
        let offloaded = try offload { Local.name }
        #expect(names + pooled + [offloaded] == Array(repeating: "here", count: 7))
      }
      let free = try offload { Local.name }
      #expect(free == "none")
    }
  }

  @Test func whatIsInheritedLivesAsLongAsTheFiber() throws {
    try onHub {
      let isGone = Event()
      let fiber = Local.$object.withValue(Object(isGone)) {
        Fiber.spawn {
          Fiber.yield()
          return Local.object != nil
        }
      }
      #expect(!isGone.isSet)
      let hadIt = try fiber.value
      #expect(hadIt && isGone.isSet)
    }
  }

  @Test func aFiberThatNeverRunsLetsGoOfIt() throws {
    try onHub {
      let isGone = Event()
      var hasRun = false
      let fiber = Local.$object.withValue(Object(isGone)) { Fiber.spawn { hasRun = true } }
      fiber.cancel()
      try fiber.join()
      #expect(isGone.isSet && !hasRun)
    }
  }

  @Test func errorsAndCancellationAreTheFibersOwn() throws {
    struct Oops: Error {}
    try onHub {
      Local.$name.withValue("here") {
        let failing = Fiber.spawn { () throws -> Int in throw Oops() }
        #expect(throws: Oops.self) { try failing.value }
        let waiting = Fiber.spawn { try Fiber.sleep(for: .seconds(60)) }
        Fiber.yield()
        waiting.cancel()
        #expect(throws: CancellationError.self) { try waiting.value }
      }
    }
  }
}

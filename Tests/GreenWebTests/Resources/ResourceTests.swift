import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct ResourceTests {
  private struct Oops: Error {}

  @Test func aResourceIsOpenedOnceAndWhenItIsAskedFor() throws {
    let calls = Calls()
    let resource = Resource { () throws -> Int in
      calls.add("open")
      return 7
    }
    #expect(calls.all.isEmpty)
    #expect(try resource() == 7 && resource() == 7)
    #expect(calls.all == ["open"])
  }

  @Test func othersWaitWhileItIsOpened() throws {
    let calls = Calls()
    let resource = Resource { () throws -> Int in
      calls.add("open")
      try Fiber.sleep(for: .milliseconds(20))
      return 7
    }
    let values = try onHub {
      let fibers = (0..<10).map { _ in Fiber.spawn { try resource() } }
      return try fibers.map { try $0.value }
    }
    #expect(values == Array(repeating: 7, count: 10) && calls.all == ["open"])
  }

  @Test func afterAFailureItIsTriedAgain() throws {
    let calls = Calls()
    let resource = Resource { () throws -> Int in
      calls.add("open")
      if calls.all.count < 3 { throw Oops() }
      return 7
    }
    for _ in 0..<2 { #expect(throws: Oops.self) { try resource() } }
    #expect(try resource() == 7 && resource() == 7 && calls.all.count == 3)
  }

  @Test func anAsyncFunctionMayOpenIt() throws {
    let resource = Resource { () async throws -> String in
      await Task.yield()
      return "async"
    }
    #expect(try resource() == "async")
  }

  @Test func workersOpenThemInOrderAndCloseThemInReverse() throws {
    let calls = Calls()
    let one = Resource { () throws -> Int in
      calls.add("open 1")
      return 1
    } close: { _ in
      calls.add("close 1")
    }
    let two = Resource { () throws -> String in
      calls.add("open 2")
      return "2"
    } close: { _ in
      calls.add("close 2")
    }
    let app = App()
    app.open(one, two)
    for hook in app.workerStartHooks { try hook() }
    app.runWorkerStopHooks(until: .after(.seconds(600)))
    #expect(calls.all == ["open 1", "open 2", "close 2", "close 1"])
    #expect(try one() == 1 && calls.all.last == "open 1")
  }

  @Test func anotherValueReachesWhateverIsCalled() async throws {
    let resource = Resource { () throws -> String in "real" }
    let app = App()
    app.get("/") { _ in try resource() }
    app.get("/async") { _ in
      await Task.yield()
      async let value = Task { try resource() }.value
      return try await value
    }
    try await aside {
      let (blocking, async) = try resource.withValue("fake") { (try app.ask("/").text, try app.ask("/async").text) }
      #expect(blocking == "fake" && async == "fake")
    }
    let later = try await resource.withValue("later") {
      await Task.yield()
      return try app.ask("/").text
    }
    #expect(later == "later")
    #expect(try app.ask("/").text == "real")
  }

  @Test func overridesOfTestsDoNotMeet() async throws {
    let resource = Resource { () throws -> Int in -1 }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<100 {
        group.addTask {
          try await resource.withValue(number) {
            await Task.yield()
            return try resource() == number
          }
        }
      }
      for try await isOwn in group { #expect(isOwn) }
    }
  }
}

import GreenHTTP
import GreenWeb
import InMemoryLogging
import SuiteSupport
import Synchronization
import TestSupport
import Testing

import struct Green.Deadline

@Suite(.bounded) struct FailureTests {
  struct Oops: Error {}

  @Test func anHTTPErrorIsTheAnswer() throws {
    let app = App()
    app.get("/") { _ -> String in throw HTTPError(.forbidden, "not you") }
    #expect(try app.ask("/").status == .forbidden)
    #expect(try app.ask("/").text == "not you")
  }

  @Test func anyOtherErrorIsLoggedAndTellsTheClientNothing() throws {
    let log = InMemoryLogHandler()
    let app = App()
    app.logger = Logger(label: "test") { _ in log }
    app.get("/secret%20x") { _ -> String in "unused" }
    app.post("/{id}") { _ -> String in throw Oops() }
    let response = try app.ask("POST", "/7%20a")
    #expect(response.status == .internalServerError)
    #expect(response.text == "Internal Server Error")
    #expect(log.entries.map(\.level) == [.error])
    #expect(log.entries.map { "\($0.message)" } == ["POST /7%20a failed: Oops()"])
  }

  @Test func aParameterOfTheWrongTypeIsABadRequestThatSaysSo() throws {
    let app = App()
    app.get("/sleep/{seconds}") { "\(try $0.parameters.require("seconds", as: Double.self))" }
    #expect(try app.ask("/sleep/0.5").text == "0.5")
    let response = try app.ask("/sleep/soon")
    #expect(response.status == .badRequest)
    #expect(response.text == "parameter 'seconds' is 'soon', which is not a valid Double")
  }

  @Test func workerStartHooksAreKeptInOrder() throws {
    let calls = Mutex<[Int]>([])
    let app = App()
    for number in 1...3 { app.onWorkerStart { [number] in calls.append(number) } }
    for hook in app.workerStartHooks { try hook() }
    #expect(calls.withLock { $0 } == [1, 2, 3])
  }

  @Test func workerStopHooksAreCalledLastFirstAndTheirErrorsAreLogged() throws {
    let calls = Mutex<[Int]>([])
    let log = InMemoryLogHandler()
    let app = App()
    app.logger = Logger(label: "test") { _ in log }
    let deadline = Deadline.after(.seconds(600))
    for number in 1...3 {
      app.onWorkerStop { [number] until in
        calls.append(number)
        if number == 2 { throw Oops() }
        #expect(until == deadline)
      }
    }
    app.runWorkerStopHooks(until: deadline)
    #expect(calls.withLock { $0 } == [3, 2, 1])
    #expect(log.entries.map { "\($0.message)" } == ["a worker stop hook failed: Oops()"])
  }

  @Test func workerHooksMayBeAsync() throws {
    try onHub {
      let calls = Mutex<[Int]>([])
      let app = App()
      app.onWorkerStart {
        await Task.yield()
        calls.append(1)
      }
      app.onWorkerStop { _ in
        try await Task.sleep(for: .milliseconds(1))
        calls.append(2)
      }
      for hook in app.workerStartHooks { try hook() }
      app.runWorkerStopHooks(until: .after(.seconds(600)))
      let seen = calls.withLock { $0 }
      #expect(seen == [1, 2])
    }
  }
}

extension Mutex where Value == [Int] {
  fileprivate borrowing func append(_ number: Int) { withLock { $0.append(number) } }
}

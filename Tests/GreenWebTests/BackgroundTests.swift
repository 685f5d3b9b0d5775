import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import InMemoryLogging
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct BackgroundTests {
  struct Oops: Error {}

  private func onBoth(_ body: @escaping () throws -> Void) throws {
    try onThread(body)
    try onHub(body)
  }

  @Test func itGoesOnWhenTheRequestHasBeenAnswered() throws {
    try onBoth {
      let app = App()
      let (begun, may, ended) = (Event(), Event(), Event())
      app.post("/") { request in
        try app.background(for: request) {
          begun.set()
          try may.wait()
          ended.set()
        }
        return "accepted"
      }
      let text = try app.ask("POST", "/").text
      #expect(text == "accepted" && !ended.isSet && app.backgroundCount == 1)
      try begun.wait(until: .after(.seconds(120)))
      may.set()
      app.finishBackgroundWork()
      #expect(ended.isSet && app.backgroundCount == 0)
    }
  }

  @Test func itMayBeAsync() throws {
    try onBoth {
      let app = App()
      let ended = Event()
      try app.background {
        try await Task.sleep(for: .milliseconds(2))
        ended.set()
      }
      app.finishBackgroundWork()
      #expect(ended.isSet)
    }
  }

  @Test func thereIsNoMoreThanTheLimit() throws {
    try onBoth {
      let app = App()
      let may = Event()
      app.backgroundLimit = 2
      app.get("/") { _ in
        try app.background { try may.wait() }
        return "begun"
      }
      let answers = try (0..<3).map { _ in try app.ask("/").status.code }
      #expect(answers == [200, 200, 503])
      may.set()
      app.finishBackgroundWork()
      let again = try app.ask("/").status.code
      #expect(again == 200)
      app.finishBackgroundWork()
    }
  }

  @Test func anErrorIsLoggedWithItsRequest() throws {
    try onBoth {
      let log = InMemoryLogHandler()
      let app = App()
      app.logger = Logger(label: "test") { _ in log }
      app.get("/path") { request in
        try app.background(for: request) { throw Oops() }
        return "begun"
      }
      _ = try app.ask("/path")
      app.finishBackgroundWork()
      #expect(log.entries.map { "\($0.message)" } == ["background work of GET /path failed: Oops()"])
    }
  }
}

import Green
import GreenPostgres
import GreenTasks
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct NotificationTests {
  @Test func whoListensIsTold() throws {
    try withDatabase { db in
      let (one, other) = ("a\(UInt64.random(in: 0 ... .max))", "b\"\(UInt64.random(in: 0 ... .max))")
      let listener = try db.listen(to: one, other)
      try db.notify(one, "first")
      try db.transaction { try $0.notify(other, "ä' \u{1}") }
      try? db.transaction { connection in
        try connection.notify(one, "undone")
        throw CancellationError()
      }
      try db.notify(one)
      let told = try (0..<3).map { _ in try listener.next(until: .after(.seconds(60))) }
      #expect(told.map(\.channel) == [one, other, one] && told.map(\.payload) == ["first", "ä' \u{1}", ""])
      #expect(throws: Errno.timedOut) { try listener.next(until: .after(.milliseconds(20))) }
      // None is lost for a wait that ended.
      try db.notify(one, "later")
      let later = try listener.next(until: .after(.seconds(60)))
      #expect(later.payload == "later")
    }
  }

  @Test func closingEndsTheWait() throws {
    try withDatabase { db in
      let listener = try db.listen(to: "x")
      let waiting = Fiber.spawn { try listener.next() }
      try Fiber.sleep(for: .milliseconds(10))
      listener.close()
      #expect(throws: PostgresConnectionError.closed) { try waiting.value }
      let cancelled = try db.listen(to: "x")
      let fiber = Fiber.spawn { try cancelled.next() }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
    }
  }

  @Test func tasksTakeThemAsASequence() async throws {
    try await aside {
      try withDatabase { db in
        let channel = "c\(UInt64.random(in: 0 ... .max))"
        let listener = try db.listen(to: channel)
        for number in 0..<3 { try db.notify(channel, "\(number)") }
        let all = try Fiber.await {
          var all: [String] = []
          for try await notification in listener {
            all.append(notification.payload)
            if all.count == 3 { break }
          }
          return all
        }
        #expect(all == ["0", "1", "2"])
      }
    }
  }
}

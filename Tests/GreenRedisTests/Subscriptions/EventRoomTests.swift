import Green
import GreenHTTP
import GreenHTTPClient
import GreenRedis
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

/// An application whose pages hear by server-sent events what is said in a room, and say something there.
private struct Newsroom {
  let server: HTTPServer
  let url: String

  init(_ redis: Redis, _ prefix: String) throws {
    let rooms = Rooms(over: RedisRelay(redis, prefix: prefix))
    let app = App()
    app.get("/news") { _ in
      EventStream { events in
        let member = try rooms.join("news")
        defer { member.leave() }
        try events.send("joined")
        while let message = try member.next() { try events.send(message.text, event: "news") }
      }
    }
    app.post("/news") { request in
      try rooms.broadcast(try request.body.text(), to: "news")
      return "said"
    }
    app.get("/count") { _ in "\(rooms.count(of: "news"))" }
    server = HTTPServer(try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!), application: app)
    try server.start()
    url = "http://\(try #require(server.listener.address))"
  }
}

/// Rooms of several applications over Redis, whose members are readers of events.
@Suite(.bounded) struct EventRoomTests {
  /// The lines of the next event; comments are passed over.
  private func event(_ lines: inout HTTPClientResponse.Lines) throws -> [String] {
    var event: [String] = []
    while let line = try lines.next() {
      if line.hasPrefix(":") { continue }
      if line.isEmpty && !event.isEmpty { break }
      if !line.isEmpty { event.append(line) }
    }
    return event
  }

  @Test func whatIsSaidInOneApplicationIsHeardInAnother() throws {
    try withRedis { redis, prefix in
      let newsrooms = [try Newsroom(redis, prefix), try Newsroom(redis, prefix)]
      let client = HTTPClient()
      let end = Deadline.after(.seconds(240))
      var readers = try newsrooms.map { try client.get("\($0.url)/news", until: end).body.lines() }
      for index in readers.indices {
        let first = try event(&readers[index])
        #expect(first == ["data: joined"])
      }
      for (number, newsroom) in newsrooms.enumerated() {
        let answer = try client.post("\(newsroom.url)/news", body: .text("by \(number)"), until: end).text()
        #expect(answer == "said")
        for index in readers.indices {
          let heard = try event(&readers[index])
          #expect(heard == ["event: news", "data: by \(number)"])
        }
      }
      // One that has gone leaves its room, and the others go on.
      readers.removeFirst()
      func count() throws -> String { try client.get("\(newsrooms[0].url)/count", until: end).text() }
      while try count() != "0" { try Fiber.sleep(for: .milliseconds(10)) }
      _ = try client.post("\(newsrooms[0].url)/news", body: .text("to the other"), until: end).text()
      let last = try event(&readers[0])
      #expect(last == ["event: news", "data: to the other"])
      readers = []
      client.closeConnections()
      for newsroom in newsrooms { try newsroom.server.stop(grace: .seconds(30)) }
    }
  }
}

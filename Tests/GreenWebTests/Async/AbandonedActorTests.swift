import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

/// Clients that go away while an actor works for them and for others.
@Suite(.bounded) struct AbandonedActorTests {
  private actor Reports {
    let begun = Event()

    /// Blocks in the midst of the actor for as long as its client waits.
    func make(_ request: Request) throws -> String {
      try request.cancelledWhenAbandoned {
        begun.set()
        try Fiber.sleep(for: .seconds(1000))
      }
      return "made"
    }

    func makeQuickly() throws -> String {
      try Fiber.sleep(for: .milliseconds(1))
      return "quick, cancelled: \(Fiber.isCancelled)"
    }
  }

  private func ask(_ app: App, _ path: String) throws -> Socket {
    let (near, far) = try Socket.pair()
    Fiber.spawn {
      HTTPConnection(stream: near, application: app).serve()
      near.close()
    }
    let request = "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    try Array(request.utf8).withUnsafeBytes { try far.send($0) }
    return far
  }

  private func answer(_ socket: Socket) throws -> String {
    var text = ""
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
      if count == 0 { return text }
      text += String(decoding: room[..<count], as: UTF8.self)
    }
  }

  @Test func whatAnActorDoesForOthersGoesOn() throws {
    try onHub {
      let reports = Reports()
      let asking = Semaphore(0)
      let app = App()
      app.get("/slow") { request in
        await Task.yield()
        return try await reports.make(request)
      }
      app.get("/quick") { _ in
        await Task.yield()
        asking.signal()
        return try await reports.makeQuickly()
      }
      let gone = try ask(app, "/slow")
      try reports.begun.wait()
      let others = try (0..<3).map { _ in try ask(app, "/quick") }
      // Until they wait for the actor.
      for _ in others { try asking.wait() }
      for _ in 0..<50 { Fiber.yield() }
      gone.close()
      for other in others {
        let text = try answer(other)
        #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("quick, cancelled: false"), "\(text)")
      }
    }
  }
}

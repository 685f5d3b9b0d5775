import Green
import GreenHTTP
import GreenTasks
import GreenTesting
import GreenWeb
import GreenWebSocket
import GreenWebSocketTesting
import GreenWebTesting
import HTTPTypes
import InMemoryLogging
import Logging
import SuiteSupport
import TestSupport
import Testing

private struct Fault: Error {}

/// Who asks.
private struct Visitor: RequestInput {
  let name: String

  init(request: Request) throws {
    guard let name = request.cookies["user"] else { throw HTTPError(.unauthorized, "log in first") }
    self.name = name
  }
}

private struct Tenant: AsyncRequestInput {
  init(request: Request) async throws {
    await Task.yield()
    if request.query.tenant == nil { throw HTTPError(.conflict) }
  }
}

private enum Resources {
  static let greeting = Resource { () throws -> String in "real" }
}

/// WebSockets of an application, opened by its `TestClient`.
@Suite(.bounded) struct TestedSocketTests {
  private let opened = Event()
  /// Nobody sends into it.
  private let waiting = Channel<Int>()
  private let abandoned = Event()
  private let app = App()

  init() {
    let (opened, waiting, abandoned) = (opened, waiting, abandoned)
    app.get("/login/{name}") { (_, name: String) in
      var response = Response("welcome")
      response.setCookie(Cookie("user", name))
      return response
    }
    app.webSocket("/echo", subprotocols: ["v1"]) { _, socket in
      while let message = try socket.receive() { try socket.send(message) }
    }
    app.webSocket("/async") { _, socket in for try await message in socket { try socket.send(message) } }
    app.webSocket("/hello/{room}") { (_, socket, room: String, visitor: Visitor) in
      opened.set()
      try socket.send("\(visitor.name) in \(room)")
    }
    app.webSocket("/tenant") { (_, socket, tenant: Tenant) in opened.set() }
    app.webSocket("/broken") { _, _ in throw Fault() }
    app.webSocket("/greeting") { _, socket in try socket.send(Resources.greeting()) }
    app.webSocket("/scheme") { request, socket in try socket.send("\(request.isEncrypted) \(request.host ?? "-")") }
    app.webSocket("/late") { _, socket in
      try Fiber.sleep(for: .seconds(20))
      try socket.send("late")
    }
    app.webSocket("/long") { _, _ in try Fiber.sleep(for: .seconds(3600)) }
    app.webSocket("/waiting") { _, _ in
      defer { abandoned.set() }
      _ = try waiting.receive()
    }
    app.group("/closed") { part in
      part.use { _, _ in Response("closed", status: .serviceUnavailable) }
      part.webSocket("/chat") { _, _ in opened.set() }
    }
    app.group("/hooked") { part in
      part.beforeRequest { _ -> Response? in Response("hooked", status: .forbidden) }
      part.webSocket("/chat") { _, _ in opened.set() }
    }
  }

  private func everywhere(_ body: @escaping () throws -> Void) throws {
    try onThread(body)
    try onHub(body)
    try onEverySchedule(body)
  }

  /// The status of the answer that refuses a WebSocket; `nil` where it was opened.
  private func refusal(_ client: TestClient, _ target: String, _ headers: HTTPFields = [:]) throws -> Int? {
    do {
      try client.webSocket(target, headers: headers) { _ in }
      return nil
    } catch let refusal as WebSocketRefusal {
      return refusal.status
    }
  }

  @Test func messagesComeBackWhereverTheTestRuns() throws {
    try everywhere {
      try app.testClient().webSocket("/echo", subprotocols: ["v2", "v1"]) { socket in
        #expect(socket.subprotocol == "v1" && socket.isCompressed)
        for text in ["", "a", String(repeating: "ü", count: 70_000)] {
          try socket.send(text)
          try #expect(socket.receive() == .text(text))
        }
      }
    }
  }

  @Test func anAsyncTestDoesTheSame() async throws {
    let app = app
    // In the hub for tasks: the threads of Swift's pool are other tests' for minutes, in which a server gives its client up.
    try await aside {
      try Fiber.await {
        let texts = try await app.testClient().webSocket("/async") { socket in
          try socket.send("a")
          var texts: [String] = []
          for try await message in socket {
            texts.append(message.text ?? "bytes")
            if texts.count == 2 { break }
            try socket.send("b")
          }
          return texts
        }
        #expect(texts == ["a", "b"])
        await #expect(throws: Fault.self) {
          try await app.testClient().webSocket("/async") { (_: WebSocket) async throws -> Void in
            await Task.yield()
            throw Fault()
          }
        }
      }
    }
  }

  @Test func whatIsRefusedBeforeTheHandshakeHasItsStatusAndIsNotOpened() throws {
    func refused() throws {
      let client = app.testClient()
      try #expect(refusal(client, "/hello/green") == 401, "an input")
      try #expect(refusal(client, "/tenant") == 409, "an async input")
      try #expect(refusal(client, "/closed/chat") == 503, "middleware")
      try #expect(refusal(client, "/hooked/chat") == 403, "a hook")
      try #expect(refusal(client, "/echo", [.origin: "http://evil.example"]) == 403, "a page of another site")
      try #expect(refusal(client, "/nowhere") == 404)
      #expect(!opened.isSet)
      try #expect(refusal(client, "/tenant?tenant=a") == nil)
      #expect(opened.isSet)
      opened.clear()
    }
    try onThread(refused)
    try onHub(refused)
  }

  @Test func theApplicationsMiddlewareMayRefuseToo() throws {
    let app = App()
    app.use { request, next in
      try await Task.sleep(for: .milliseconds(1))
      return try request.header(.authorization) == nil ? Response("who?", status: .unauthorized) : next(request)
    }
    app.webSocket("/echo") { _, socket in try socket.send("opened") }
    try #expect(refusal(app.testClient(), "/echo") == 401)
    try app.testClient().webSocket("/echo", headers: [.authorization: "Bearer x"]) { socket in
      try #expect(socket.receive() == .text("opened"))
    }
  }

  @Test func aRequestThatAsksForNoneIsToldSo() throws {
    try #expect(app.testClient().get("/echo").status.code == 426)
  }

  @Test func theClientsCookiesAreSentAndThoseOfTheAnswerKept() throws {
    app.afterRequest { _, response in
      var response = response
      response.setCookie(Cookie("seen", "1"))
      return response
    }
    let client = app.testClient()
    try #expect(refusal(client, "/hello/green") == 401)
    #expect(client.cookies() == ["seen": "1"])
    client.clearCookies()
    try client.get("/login/Eve")
    try client.webSocket("/hello/green") { socket in
      try #expect(socket.receive() == .text("Eve in green"))
      try #expect(socket.receive() == nil)
      #expect(socket.closeCode == .normal)
    }
    #expect(client.cookies() == ["user": "Eve", "seen": "1"])
  }

  @Test func theSchemeAndTheHostAreTheClients() throws {
    try app.testClient(scheme: "https", host: "chat.example:8443").webSocket("/scheme") { socket in
      try #expect(socket.receive() == .text("true chat.example:8443"))
    }
  }

  @Test func whatATestHasReplacedReachesTheHandler() throws {
    try Resources.greeting.withValue("the test's") {
      try app.testClient().webSocket("/greeting") { socket in try #expect(socket.receive() == .text("the test's")) }
    }
    try onHub {
      try Resources.greeting.withValue("the fiber's") {
        try app.testClient().webSocket("/greeting") { socket in try #expect(socket.receive() == .text("the fiber's")) }
      }
    }
    try app.testClient().webSocket("/greeting") { socket in try #expect(socket.receive() == .text("real")) }
  }

  @Test func aHandlerThatFailsClosesWith1011AndIsLogged() throws {
    let log = InMemoryLogHandler()
    app.logger = Logger(label: "test") { _ in log }
    try app.testClient().webSocket("/broken") { socket in
      try #expect(socket.receive() == nil)
      #expect(socket.closeCode == .internalError)
    }
    #expect(log.entries.map { "\($0.message)" } == ["the handler of the WebSocket at /broken failed: Fault()"])
  }

  @Test func whatATestThrowsIsThrownOn() throws {
    try everywhere {
      #expect(throws: Fault.self) {
        try app.testClient().webSocket("/echo") { (_: WebSocket) throws -> Void in throw Fault() }
      }
    }
  }

  @Test func waitsTakeNoTimeInATestHub() throws {
    try onVirtualHub {
      try app.testClient().webSocket("/late") { socket in try #expect(socket.receive() == .text("late")) }
      #expect(throws: HandlerGoesOn.self) { try app.testClient().webSocket("/long") { _ in } }
    }
  }

  @Test func aHandlerThatGoesOnIsCancelledSoThatTheTestEnds() throws {
    func left() throws {
      let error = #expect(throws: HandlerGoesOn.self) { try app.testClient().webSocket("/waiting?a") { _ in } }
      #expect(error?.target == "/waiting?a" && abandoned.isSet)
      abandoned.clear()
    }
    try onVirtualHub(left)
    // With real time, as `onHub` has it, the test waits for the 10 seconds.
    try onHub(left)
  }

  @Test func aLiveServerWhoseTestIsCancelledBeforeItServesLeavesNothingBehind() throws {
    try onHub {
      let fiber = Fiber.spawn { try app.test(.live) { client in _ = try client.get("/echo") } }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: (any Error).self) { try fiber.value }
    }
  }

  @Test func thoseOfALiveServerAreOpenedToo() throws {
    func live() throws {
      try app.test(.live) { client in
        try client.get("/login/Eve")
        try client.webSocket("/hello/green") { socket in try #expect(socket.receive() == .text("Eve in green")) }
        try client.webSocket("/scheme") { socket in try #expect(socket.receive() == .text("false localhost")) }
        try #expect(refusal(client, "/nowhere") == 404)
      }
    }
    try onThread(live)
    try onHub(live)
  }
}

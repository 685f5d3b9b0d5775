import Foundation
import Green
import Greenfinch
import InMemoryTracing
import ServiceLifecycle
import Testing
import Tracing

/// With the trait Tracing each request is a span of the tracer that was bootstrapped.
@Suite struct RequestSpanTests {
  private static let tracer: InMemoryTracer = {
    let tracer = InMemoryTracer()
    InstrumentationSystem.bootstrap(tracer)
    return tracer
  }()

  struct Oops: Error {}

  /// Sends a request of its own connection, and waits for the whole answer. Blocks the calling thread.
  private func ask(_ port: UInt16, _ path: String, _ fields: String = "") throws {
    let deadline = Deadline.after(.seconds(20))
    let socket = try Socket.connect(to: SocketAddress(host: "127.0.0.1", port: port)!, until: deadline)
    defer { socket.close() }
    let request = "GET \(path) HTTP/1.1\r\nHost: shop.test\r\n\(fields)Connection: close\r\n\r\n"
    try Array(request.utf8).withUnsafeBytes { try socket.send($0, until: deadline) }
    var room = [UInt8](repeating: 0, count: 4096)
    while try room.withUnsafeMutableBytes({ try socket.receive(into: $0, until: deadline) }) > 0 {}
  }

  @Test func aRequestIsASpanWithItsRouteAndAChildOfItsCallers() async throws {
    let tracer = Self.tracer
    let app = App()
    app.get("/items/{id}") { _ in
      try withSpan("query") { _ in try Fiber.sleep(for: .milliseconds(1)) }
      return "found"
    }
    app.get("/fail") { _ -> String in throw Oops() }
    let (ports, port) = AsyncStream<UInt16>.makeStream()
    let service = ApplicationService(
      app, bind: [.tcp(host: "127.0.0.1", port: 0)], onListening: { port.yield($0.port ?? 0) })
    let serving = Task { try await service.run() }
    var iterator = ports.makeAsyncIterator()
    let bound = try #require(await iterator.next())
    try ask(bound, "/items/7", "in-memory-trace-id: trace-of-caller\r\nin-memory-span-id: span-of-caller\r\n")
    try ask(bound, "/fail")
    try ask(bound, "/nowhere")
    serving.cancel()
    _ = await serving.result

    let spans = tracer.finishedSpans
    let request = try #require(spans.first { $0.operationName == "GET /items/{id}" })
    #expect(request.traceID == "trace-of-caller" && request.parentSpanID == "span-of-caller")
    #expect(request.kind == .server)
    #expect(request.attributes["http.route"]?.toSpanAttribute() == .string("/items/{id}"))
    #expect(request.attributes["url.path"]?.toSpanAttribute() == .string("/items/7"))
    #expect(request.attributes["http.response.status_code"]?.toSpanAttribute() == .int64(200))
    #expect(request.status == nil)
    let query = try #require(spans.first { $0.operationName == "query" })
    #expect(query.parentSpanID == request.spanID)
    #expect(spans.first { $0.operationName == "GET /fail" }?.status?.code == .error)
    #expect(spans.first { $0.operationName == "GET" }?.status == nil, "no route, and the client's fault")
  }
}

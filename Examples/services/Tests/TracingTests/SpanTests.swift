import Green
import GreenTasks
import GreenTesting
import InMemoryTracing
import Testing
import Tracing

/// Spans of swift-distributed-tracing in fibers, threads and tasks.
@Suite struct SpanTests {
  /// Which span each of a request's is to be a child of.
  private static let parents: [String: String?] = [
    "request": nil, "step": "request", "fiber": "step", "fiber of a fiber": "fiber", "thread": "step", "call": "step",
    "child task": "call", "grandchild task": "child task", "task": "call", "fiber of a task": "call",
    "fiber within it": "fiber of a task", "last step": "request",
  ]

  /// What a request may do, with spans around everything. Returns what it saw that was not its own.
  private func request(_ index: Int) throws -> [String] {
    var strays: [String] = []
    func check(_ place: String, _ span: any Span) {
      let (own, current) = (span.context.inMemorySpanContext, ServiceContext.current?.inMemorySpanContext)
      if own != current { strays.append("\(place) of \(index)") }
    }
    try withSpan("request") { request in
      request.attributes["index"] = index
      try pause()
      check("request", request)
      try withSpan("step") { step in
        let fiber = Fiber.spawn {
          try withSpan("fiber") { _ in
            try pause()
            try Fiber.spawn { try withSpan("fiber of a fiber") { _ in try pause() } }.value
            try pause()
          }
        }
        try offload {
          try withSpan("thread") { _ in try pause() }
        }
        check("after the thread", step)
        try Fiber.await { try await self.call() }
        check("after the call", step)
        try fiber.value
        check("after the fiber", step)
      }
      check("after the step", request)
      try withSpan("last step") { _ in try pause() }
    }
    if ServiceContext.current != nil { strays.append("after \(index)") }
    return strays
  }

  private func call() async throws {
    try await withSpan("call") { _ in
      await pauseTask()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            await withSpan("child task") { _ in
              await pauseTask()
              async let grandchild: Void = withSpan("grandchild task") { _ in await pauseTask() }
              await grandchild
            }
          }
        }
      }
      await Task { await withSpan("task") { _ in await pauseTask() } }.value
      try await Fiber.run {
        try withSpan("fiber of a task") { _ in
          try pause()
          try Fiber.spawn { try withSpan("fiber within it") { _ in try pause() } }.value
        }
      }
    }
  }

  @Test func everySpansParentIsTheOneAroundIt() async throws {
    let tracer = InMemoryTracer()
    let count = 100
    let strays = try await onHub {
      try withTracer(tracer) {
        let requests = (0..<count).map { index in Fiber.spawn { try request(index) } }
        return try requests.flatMap { try $0.value }
      }
    }
    #expect(strays == [])
    #expect(tracer.activeSpans.isEmpty)
    let traces = Dictionary(grouping: tracer.finishedSpans, by: \.traceID)
    #expect(traces.count == count)
    for (id, spans) in traces {
      let names = Dictionary(uniqueKeysWithValues: spans.map { ($0.spanID, $0.operationName) })
      for span in spans {
        let parent = span.parentSpanID.map { names[$0] ?? "a span of another request" }
        #expect(parent == Self.parents[span.operationName]!, "\(span.operationName) of \(id)")
      }
      let twice = Set(["child task", "grandchild task"])
      let expected = Self.parents.keys.flatMap { twice.contains($0) ? [$0, $0] : [$0] }
      #expect(spans.map(\.operationName).sorted() == expected.sorted(), "\(id)")
    }
  }

  @Test func aSpanThatFailsHasItsError() async throws {
    struct Oops: Error {}
    let tracer = InMemoryTracer()
    try await onHub {
      try withTracer(tracer) {
        let fibers = (0..<20).map { index in
          Fiber.spawn {
            try? withSpan("\(index)") { _ in
              try pause()
              if index % 2 == 0 { throw Oops() }
            }
          }
        }
        for fiber in fibers { try fiber.join() }
      }
    }
    let failed = Set(tracer.finishedSpans.filter { !$0.errors.isEmpty }.map(\.operationName))
    #expect(failed == Set((0..<20).filter { $0 % 2 == 0 }.map(String.init)))
  }
}

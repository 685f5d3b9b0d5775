import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct TraceTests {
  private struct Trace {
    let events: [[String: Any]]

    init(_ path: String) throws {
      let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
      events = try #require(object as? [[String: Any]])
    }

    func track(_ label: String) throws -> Int {
      let named = events.filter {
        $0["name"] as? String == "thread_name" && ($0["args"] as? [String: Any])?["name"] as? String == label
      }
      return try #require(named.first?["tid"] as? Int, "no track \(label)")
    }

    func slices(on track: Int, _ category: String? = nil) -> [[String: Any]] {
      events.filter {
        $0["ph"] as? String == "X" && $0["tid"] as? Int == track
          && (category == nil || $0["cat"] as? String == category)
      }
    }
  }

  private func traced(limit: Int = 1 << 24, _ body: @escaping () throws -> Void) throws -> Trace {
    let path = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID()).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try onHub {
      let trace = try Hub.current!.trace(to: path, limit: limit)
      try body()
      trace.end()
      trace.end()
    }
    return try Trace(path)
  }

  @Test func itTellsWhoRanWhatForAndWhoWokeWhom() throws {
    let trace = try traced {
      let event = Event()
      let waiting = Fiber.spawn(name: "wait\"ing\n") { try event.wait() }
      let waking = Fiber.spawn(name: "waking") {
        try Fiber.sleep(for: .milliseconds(5))
        event.set()
      }
      try waiting.value
      try waking.value
    }
    let (waiting, waking) = (try trace.track("wait\"ing?"), try trace.track("waking"))
    let waits = trace.slices(on: waiting, "wait")
    #expect(waits.map { $0["name"] as? String } == ["waits: event"])
    #expect((waits.first?["dur"] as? Double ?? 0) > 4000)
    #expect(trace.slices(on: waking, "wait").map { $0["name"] as? String } == ["waits: sleep"])
    #expect(trace.slices(on: waiting, "fiber").count == 2 && trace.slices(on: waiting, "ready").count == 2)
    #expect(trace.slices(on: 0).contains { $0["name"] as? String == "sleeps" })
    // The arrow from one to the other.
    let arrows = trace.events.filter { $0["cat"] as? String == "wake" }
    let ends = arrows.filter { $0["ph"] as? String == "f" && $0["tid"] as? Int == waiting }.compactMap {
      $0["id"] as? Int
    }
    let starts = arrows.filter { $0["ph"] as? String == "s" && $0["tid"] as? Int == waking }.compactMap {
      $0["id"] as? Int
    }
    #expect(!Set(ends).isDisjoint(with: starts))
  }

  @Test func theSlicesOfATrackFollowOneAnother() throws {
    let trace = try traced {
      let channel = Channel<Int>(capacity: 2)
      let fibers = [
        Fiber.spawn(name: "sender") { for number in 0..<50 { try channel.send(number) } },
        Fiber.spawn(name: "receiver") { for _ in 0..<50 { _ = try channel.receive() } },
        Fiber.spawn(name: "yielding") { for _ in 0..<50 { Fiber.yield() } },
      ]
      for fiber in fibers { try fiber.join() }
    }
    for name in ["sender", "receiver", "yielding", "main"] {
      let slices = trace.slices(on: try trace.track(name)).map { slice in
        let start = slice["ts"] as? Double ?? -1
        return (start, start + (slice["dur"] as? Double ?? -1))
      }.sorted { $0 < $1 }
      #expect(slices.count > 2, "\(name)")
      for (one, next) in zip(slices, slices.dropFirst()) { #expect(one.1 <= next.0 + 0.002, "\(name)") }
    }
  }

  @Test func aTraceThatReachesItsLimitEndsEarlyAndSaysSo() throws {
    let trace = try traced(limit: 100_000) { for _ in 0..<20_000 { try Fiber.spawn { Fiber.yield() }.value } }
    #expect(trace.events.contains { ($0["name"] as? String ?? "").hasPrefix("the trace ends early") })
    #expect(trace.events.count < 5000)
  }

  @Test func aFileThatCannotBeWrittenIsTold() throws {
    try onHub {
      #expect(throws: (any Error).self) { try Hub.current!.trace(to: "/nowhere/at/all.json") }
      return
    }
  }

  @Test func theThreadHasTheNameOfTheFiberThatItRuns() throws {
    func name() throws -> String {
      try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
    }
    try onHub {
      let before = try name()
      let hub = Hub.current!
      hub.labelsThread = true
      try #expect(Fiber.spawn(name: "a fiber of a long name") { try name() }.value == "a fiber of a lo")
      try #expect(Fiber.spawn { try name() }.value == before)
      #expect(hub.labelsThread)
      hub.labelsThread = false
      try #expect(name() == before && Fiber.spawn(name: "another") { try name() }.value == before)
    }
  }
}

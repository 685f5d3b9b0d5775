import Glibc
import Green

// What only a worker with fibers can tell.
extension WorkerOrder {
  /// Answers with all fibers. Names and lines of calls are looked up on another thread: that may take long.
  func answer(dumping hub: Hub) {
    let dump = hub.dump()
    Fiber.spawn(name: "dump for ctl") {
      self.answer((try? offload { "\(dump)\n" }) ?? "the dump could not be written\n")
    }
  }

  /// How many bytes of a trace are sent: one that has more ends early.
  private static var longestTrace: Int { 10 << 20 }

  /// Answers with what the fibers do in so long a time.
  func answer(tracing hub: Hub, for duration: Duration) {
    let events = TraceMemory()
    let trace = HubTrace(hub, to: events, limit: Self.longestTrace)
    Fiber.spawn(name: "trace for ctl") {
      try? Fiber.sleep(for: duration)
      trace.end()
      self.answer(String(decoding: events.bytes, as: UTF8.self))
    }
  }
}

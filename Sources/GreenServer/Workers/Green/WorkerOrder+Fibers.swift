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

  /// Answers with the switches of so long a time.
  func answer(tracing hub: Hub, for duration: Duration) {
    let trace = SwitchTrace()
    let hook = hub.onSwitch { trace.note($0) }
    Fiber.spawn(name: "trace for ctl") {
      try? Fiber.sleep(for: duration)
      hook.remove()
      let slices = trace.slices
      self.answer((try? offload { SwitchTrace.events(slices) }) ?? "")
    }
  }
}

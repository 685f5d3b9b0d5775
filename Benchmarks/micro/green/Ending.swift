internal import Green

/// A fiber spawned that waits for something to do, told to end, and joined.
func measureCancel(_ count: Int) throws { try measureEnd(count) { $0.cancel() } }

/// The same, asked to end within its grace: it notices where it waits for more.
func measureGrace(_ count: Int) throws { try measureEnd(count) { $0.cancel(grace: .seconds(60)) } }

private func measureEnd(_ count: Int, _ end: @escaping (AnyFiber) -> Void) throws {
  try showNanoseconds(count) {
    let nothing = Channel<Int>()
    for _ in 0..<count {
      let fiber = Fiber.spawn { try withEarlyCancellation { try nothing.receive() } }
      Fiber.yield()
      end(fiber)
      do {
        _ = try fiber.value
        complain("a fiber went on")
      } catch is CancellationError {}
    }
  }
}

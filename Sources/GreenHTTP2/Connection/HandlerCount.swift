internal import Green

/// How many fibers answer requests of a connection.
final class HandlerCount {
  /// How many there have been.
  private(set) var started = 0
  private(set) var running = 0
  private var waiter: ParkedFiber?

  func began() {
    started += 1
    running += 1
  }

  func ended() {
    running -= 1
    if running == 0 { waiter?.wake() }
  }

  /// Parks until all have ended, whatever happens to the calling fiber: they use its connection.
  func waitUntilNone() {
    waiter = .current
    while running > 0, let waiter { waiter.parkUninterrupted() }
    waiter = nil
  }
}

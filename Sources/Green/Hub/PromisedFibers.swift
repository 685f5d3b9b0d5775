/// Fibers that another thread was told will run, and that no stack could be had for yet: first come, first served.
final class PromisedFibers {
  fileprivate struct Promised {
    let name: String?
    let body: @Sendable () -> Void

    /// - Returns: whether there was a stack for it.
    func start() -> Bool { (try? Fiber.make(name: name, body)) != nil }
  }

  fileprivate var waiting: [Promised] = []

  var count: Int { waiting.count }
}

extension Hub {
  /// Spawns a fiber. Where no stack can be had, it is tried again when some may have been given back, and once more before
  /// the hub ends.
  package func startPromised(name: String?, _ body: @escaping @Sendable () -> Void) {
    let new = PromisedFibers.Promised(name: name, body: body)
    if promised == nil && new.start() { return }
    if let promised { return promised.waiting.append(new) }
    let made = PromisedFibers()
    made.waiting.append(new)
    promised = made
    tryPromisedSoon()
  }

  private func tryPromisedSoon() {
    after(.milliseconds(10)) {
      guard let hub = Hub.current else { return }
      hub.startPromised()
      if hub.promised != nil { hub.tryPromisedSoon() }
    }
  }

  /// Starts as many as there are stacks for.
  func startPromised() {
    guard let promised else { return }
    let started = promised.waiting.firstIndex { !$0.start() } ?? promised.waiting.count
    promised.waiting.removeFirst(started)
    if promised.waiting.isEmpty { self.promised = nil }
  }

  /// In a forked child: what they hold is the parent's, and is kept.
  func forgetPromised() {
    if let promised { _ = Unmanaged.passRetained(promised) }
    promised = nil
  }
}

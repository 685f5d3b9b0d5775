internal import Green
internal import GreenTasks

/// Where the server's side of a test runs.
package struct ServingFiber: Sendable {
  /// `nil` until it has begun on another thread, and when it has ended.
  private let place = Guarded<Place?>(nil)

  /// Unsafe as `Sendable`: the fiber is used on its hub's thread only.
  private struct Place: @unchecked Sendable {
    let fiber: AnyFiber
    let door: Hub.Door
  }

  /// Begins work beside the calling code, with its task-locals: in a fiber of its hub, where it has one, else of the process's hub
  /// for tasks.
  ///
  /// - Throws: `Errno` where no thread is to be had for that.
  @discardableResult
  package static func begin(_ name: String, _ body: @escaping @Sendable () -> Void) throws -> ServingFiber {
    let serving = ServingFiber()
    if let hub = Hub.current {
      // The time that the calling code has is not that of a server.
      let fiber = withShield { Fiber.spawn(name: name) { body() } }
      serving.enter(fiber, hub)
      return serving
    }
    let executor = try TaskRuntime.home()
    let task = InheritedTask.capture()
    let isTaken = executor.spawn(name: name) {
      if let fiber = Fiber.current, let hub = Hub.current { serving.enter(fiber, hub) }
      if let task { try? task.run(body) } else { body() }
      serving.place.withLock { $0 = nil }
    }
    if !isTaken { throw HubError.ended }
    return serving
  }

  private func enter(_ fiber: AnyFiber, _ hub: Hub) {
    let here = Place(fiber: fiber, door: hub.door)
    place.withLock { $0 = here }
  }

  /// Ends its waits. On any thread.
  package func cancel() {
    guard let here = place.withLock({ $0 }) else { return }
    if here.door.isHere { return here.fiber.cancel() }
    here.door.post { here.fiber.cancel() }
  }
}

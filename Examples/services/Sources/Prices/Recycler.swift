internal import Greenfinch
public import ServiceLifecycle

/// Ends when it is asked to, which is not a failure: see how its group is told so.
public final class Recycler: Service {
  private let isAsked = Event()

  public init() {}

  public func recycle() { isAsked.set() }

  public func run() async throws {
    try await cancelWhenGracefulShutdown { try await Fiber.run { try self.isAsked.wait() } }
  }
}

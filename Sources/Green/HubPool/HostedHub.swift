internal import Glibc
internal import SystemPackage

/// A hub on a thread of its own, which stays until it is told to end.
package final class HostedHub: Sendable {
  private let ending = Event()

  private init() {}

  /// Starts the thread and its hub, and calls `prepare` in the first fiber there.
  ///
  /// - Parameter ended: called on the thread as the last thing that it does.
  /// - Returns: what `prepare` returned, and the hub's host.
  /// - Throws: what `prepare` throws; `Errno` when there is no thread, loop or stack to be had.
  package static func start<Value: Sendable>(
    ended: @escaping @Sendable () -> Void = {}, _ prepare: @escaping @Sendable (Hub) throws -> Value
  ) throws -> (Value, HostedHub) {
    let host = HostedHub()
    let answer = Promise<Value>()
    try onNewThread {
      defer { ended() }
      do {
        try Hub.run(stackSize: Hub.defaultStackSize, prepare: { $0.isHosted = true }) {
          let hub = Hub.current!
          answer.fulfil(try prepare(hub))
          // Work comes from other threads: the wait is not in vain.
          let remote = hub.remote
          try host.ending.wait()
          withExtendedLifetime(remote) {}
        }
      } catch {
        answer.fail(error)
      }
    }
    // Also in a fiber that is to end: the thread has begun, and answers at once.
    return (try Hub.shielded { try answer.value }, host)
  }

  /// Lets the hub and its thread end once its fibers have ended. Any thread may call it.
  package func end() { ending.set() }

  private static func onNewThread(_ body: @escaping @Sendable () -> Void) throws {
    final class Work: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Work(body)).toOpaque()
    let error = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, argument)
    guard error == 0 else {
      Unmanaged<Work>.fromOpaque(argument).release()
      throw Errno(rawValue: error)
    }
    pthread_detach(thread)
  }
}

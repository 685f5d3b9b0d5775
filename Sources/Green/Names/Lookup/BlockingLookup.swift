internal import SystemPackage

/// Calls of the C library that block, made on the threads of ``OffloadPool/default``: for sources of names that only the
/// C library can ask.
enum BlockingLookup {
  /// Runs `body` on a thread and waits for what it returns: a fiber parks, a plain thread blocks.
  ///
  /// - Throws: ``ResolverError/timedOut(_:)`` at the deadline; `body` goes on, and what it returns is dropped.
  static func run<Value: Sendable>(
    _ name: String, until deadline: Deadline, _ body: @escaping @Sendable () -> Value
  ) throws -> Value {
    if Hub.running == nil && deadline == .never { return body() }
    do {
      return try OffloadPool.default.runOnThread(until: deadline) { body() }
    } catch Errno.timedOut {
      throw ResolverError.timedOut(name)
    }
  }
}

public import Green

extension App {
  /// As ``onMasterStart(_:)`` for an `async` function.
  public func onMasterStart(_ hook: @escaping @Sendable () async throws -> Void) { onMasterStart(ensureSync(hook)) }

  /// As ``onWorkerStart(_:)`` for an `async` function: the worker serves when it has ended.
  public func onWorkerStart(_ hook: @escaping @Sendable () async throws -> Void) { onWorkerStart(ensureSync(hook)) }

  /// As ``onWorkerStop(_:)`` for an `async` function.
  public func onWorkerStop(_ hook: @escaping @Sendable (Deadline) async throws -> Void) {
    onWorkerStop(ensureSync(hook))
  }
}

// How a question that may have to wait is asked: in a fiber on the hub's own name service, the fiber parks; on a plain
// thread with a name service made for the call, the thread blocks.
extension Resolver {
  /// Starts a question and waits for its result.
  ///
  /// - Parameters:
  ///   - name: what an error names.
  ///   - start: begins with the question and says how it is abandoned, which happens when the wait ends without it.
  static func ask<Value>(
    _ name: String, _ names: NameService, until deadline: Deadline,
    _ start: (PendingAnswer<Value>) throws -> (() -> Void)?
  ) throws -> Value {
    let pending = PendingAnswer<Value>(name)
    let abandon = try start(pending)
    if let value = pending.value { return value }
    do {
      guard let value = try wait(for: pending, names, until: deadline) else { throw ResolverError.timedOut(name) }
      return value
    } catch {
      abandon?()
      throw error
    }
  }

  private static func wait<Value>(for pending: PendingAnswer<Value>, _ names: NameService, until deadline: Deadline)
    throws -> Value?
  {
    if let (hub, fiber) = Hub.running { return try pending.wait(fiber, on: hub, until: deadline) }
    while pending.value == nil, names.turn(until: deadline) {}
    return pending.value
  }

  /// Calls `body` with the name service of the calling fiber's hub, or with one of its own on a plain thread.
  static func withNames<Result>(_ body: (NameService) throws -> Result) throws -> Result {
    if let (hub, _) = Hub.running { return try body(hub.hub.names) }
    let names = NameService(Resolver.configuration, hubLoop: nil)
    defer { names.close() }
    return try body(names)
  }
}

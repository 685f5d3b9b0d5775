package import Green

extension Fiber where Success == Never {
  /// ``run(_:)`` for what is not `Sendable`, and is used by nobody else while the calling task waits for it here.
  package nonisolated(nonsending) static func runExclusively<Value>(_ body: @escaping () throws -> Value) async throws
    -> Value
  {
    // Unsafe: the task goes on only when the body has ended.
    nonisolated(unsafe) let body = body
    let result = try await Fiber.run {
      nonisolated(unsafe) let value = try body()
      return Handover(value)
    }
    return result.value
  }
}

/// A value that goes from one executor to another, which goes on alone with it.
private struct Handover<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

package import Green

// For code that answers requests in another language.

extension RequestBody {
  /// Whether all of it has been read.
  package var isAtEnd: Bool { storage.state.pointee.body.left == 0 }
}

extension Request {
  /// Calls `body`, which works for the request in another fiber than its connection's: meanwhile ``currentID`` is the
  /// request's there.
  package func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try BoundRequest.during(storage, body)
  }

  /// Waits until nobody waits for the answer any more; `false` when the deadline passes first. `nil` where that cannot be
  /// known.
  package var abandonment: ((Deadline) throws -> Bool)? {
    guard let origin = storage.state.pointee.origin else { return nil }
    return { try origin.waitUntilAbandoned(until: $0) }
  }
}

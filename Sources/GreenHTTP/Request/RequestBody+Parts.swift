package import Green

// For code that answers requests in another language.

extension RequestBody {
  /// Whether all of it has been read.
  package var isAtEnd: Bool { storage.state.pointee.body.left == 0 }
}

extension Request {
  /// Waits until nobody waits for the answer any more; `false` when the deadline passes first. `nil` where that cannot be
  /// known.
  package var abandonment: ((Deadline) throws -> Bool)? {
    guard let origin = storage.state.pointee.origin else { return nil }
    return { try origin.waitUntilAbandoned(until: $0) }
  }
}

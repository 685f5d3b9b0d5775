internal import CFiber

/// What C libraries keep for each thread, by `pthread_getspecific(3)`.
package enum ThreadKeys {
  /// Calls `body`, in which the calling fiber has the values of its thread also of those keys that belong to the fiber: for
  /// calls of a library that never wait. So a libcrypto has one generator of random numbers for each thread, as it is made
  /// to have, and not one for each fiber.
  ///
  /// `body` must not park.
  @inline(__always)
  package static func borrow<Result>(_ body: () throws -> Result) rethrows -> Result {
    cfiber_borrow_keys()
    defer { cfiber_return_keys() }
    return try body()
  }
}

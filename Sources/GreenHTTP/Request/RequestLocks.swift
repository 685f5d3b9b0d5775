internal import Green

/// Locks around what several threads may use of a request: each is held for a few instructions, in which no code but this
/// module's runs.
///
/// A few are shared by all requests, so that one which nobody asks for costs no request anything.
enum RequestLocks {
  private static let all = (0..<64).map { _ in Guarded(()) }

  /// The lock of a request.
  static func lock(of storage: RequestStorage) -> Guarded<Void> {
    // The low bits of every address are the same, and so are those that tell the pages of one heap apart.
    let address = UInt(bitPattern: Unmanaged.passUnretained(storage).toOpaque())
    return all[Int((address >> 5 ^ address >> 12) % 64)]
  }
}

extension RequestStorage {
  /// Calls `body` while nobody else uses what the lock guards.
  func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    try RequestLocks.lock(of: self).withLock { _ in try body() }
  }
}

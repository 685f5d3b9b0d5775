/// Where bytes are kept under keys for some time: sessions, what a cache holds. Redis is one.
public protocol ExpiringStore: Sendable {
  /// The bytes of a key, `nil` where there are none, or no more. May park or block.
  func read(_ key: String) throws -> [UInt8]?

  /// Keeps bytes under a key, in the place of others, for `lifetime`. May park or block.
  func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws

  /// Keeps bytes under a key in the place of others, where there are any: a key that has been removed stays removed. May park or block.
  ///
  /// One step to everybody else who uses the store; a store that leaves it out reads and then writes.
  /// - Returns: whether there were any.
  func replace(_ bytes: [UInt8], for key: String, lifetime: Duration) throws -> Bool

  /// Says that the bytes of a key, where there are any, are to be kept for `lifetime` from now. May park or block.
  func touch(_ key: String, lifetime: Duration) throws

  /// Forgets the bytes of a key. May park or block.
  func remove(_ key: String) throws
}

extension ExpiringStore {
  /// By two steps, between which another may remove the key.
  public func replace(_ bytes: [UInt8], for key: String, lifetime: Duration) throws -> Bool {
    guard try read(key) != nil else { return false }
    try write(bytes, for: key, lifetime: lifetime)
    return true
  }
}

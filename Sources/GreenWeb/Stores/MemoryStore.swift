internal import Green

/// A store in the memory of one process: for tests, and for programs with one worker. What it holds ends with the process.
public final class MemoryStore: ExpiringStore {
  private struct Entry {
    let bytes: [UInt8]
    var end: Deadline
  }

  private let entries = Guarded<[String: Entry]>([:])
  private let limit: Int

  /// - Parameter limit: how many keys it holds at most. What ends first has to go then.
  public init(limit: Int = 100_000) { self.limit = max(1, limit) }

  public func read(_ key: String) -> [UInt8]? {
    entries.withLock { entries in
      guard let entry = entries[key] else { return nil }
      if entry.end > .now { return entry.bytes }
      entries[key] = nil
      return nil
    }
  }

  public func write(_ bytes: [UInt8], for key: String, lifetime: Duration) {
    entries.withLock { entries in
      if entries[key] == nil && entries.count >= limit { Self.makeRoom(in: &entries, limit) }
      entries[key] = Entry(bytes: bytes, end: .after(lifetime))
    }
  }

  public func replace(_ bytes: [UInt8], for key: String, lifetime: Duration) -> Bool {
    entries.withLock { entries in
      guard let entry = entries[key], entry.end > .now else { return false }
      entries[key] = Entry(bytes: bytes, end: .after(lifetime))
      return true
    }
  }

  public func touch(_ key: String, lifetime: Duration) {
    entries.withLock { $0[key]?.end = .after(lifetime) }
  }

  public func remove(_ key: String) { entries.withLock { $0[key] = nil } }

  private static func makeRoom(in entries: inout [String: Entry], _ limit: Int) {
    let now = Deadline.now
    entries = entries.filter { $0.value.end > now }
    guard entries.count >= limit else { return }
    // A tenth at once, so that not all of them are looked through for each.
    let victims = entries.sorted { $0.value.end < $1.value.end }.prefix(limit / 10 + 1)
    for victim in victims { entries[victim.key] = nil }
  }
}

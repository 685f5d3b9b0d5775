/// Which statements a connection's server has prepared. One that comes often is: the server then need not parse it again.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]
  }

  private struct Entry {
    var uses = 0
    var lastUse = 0
    var name: String?
  }

  /// How often a statement comes before it is prepared, as libpq's users know it from psycopg and JDBC.
  private static var usesUntilPrepared: Int { 5 }

  let capacity: Int
  private var entries: [Key: Entry] = [:]
  private var uses = 0
  private var names = 0

  init(capacity: Int) { self.capacity = capacity }

  enum Course: Equatable {
    case plain
    /// Prepare it with this name, and tell ``prepared(_:as:)``; let go of that of another first, where there is one.
    case prepare(String, forgetting: String?)
    case prepared(String)
  }

  /// How to send a statement.
  mutating func course(of key: Key) -> Course {
    guard capacity > 0 else { return .plain }
    uses += 1
    var entry = entries[key] ?? Entry()
    entry.uses += 1
    entry.lastUse = uses
    let forgotten = entries[key] == nil ? makeRoom() : nil
    entries[key] = entry
    if let name = entry.name { return .prepared(name) }
    // The name of the one that had to go is let go when the next is prepared.
    if let forgotten { orphans.append(forgotten) }
    guard entry.uses >= Self.usesUntilPrepared else { return .plain }
    names += 1
    return .prepare("greenfinch_\(names)", forgetting: orphans.popLast())
  }

  /// Names that the server still has, of statements that are here no more.
  private var orphans: [String] = []

  mutating func prepared(_ key: Key, as name: String) { entries[key]?.name = name }

  /// The server has it no more, or cannot use it any more.
  mutating func forget(_ key: Key) -> String? { entries.removeValue(forKey: key)?.name }

  /// As ``forget(_:)``, where the server cannot be told at present.
  ///
  /// - Parameter isKnown: whether it still has it.
  mutating func orphan(_ key: Key, isKnown: Bool) {
    if let name = forget(key), isKnown { orphans.append(name) }
  }

  mutating func forgetOrphans() { orphans = [] }

  private mutating func makeRoom() -> String? {
    guard entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
      return nil
    }
    entries[oldest.key] = nil
    return oldest.value.name
  }
}

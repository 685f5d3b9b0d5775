/// Who has which connection, and who waits: decisions alone, without waiting or closing. Used under the pool's lock.
struct PoolState<Connection: PooledConnection> {
  typealias Entry = PoolEntry<Connection>

  /// What a caller gets.
  enum Grant: Sendable {
    case connection(Entry)
    /// A new connection may be made.
    case place
  }

  /// A caller that waits.
  final class Waiter: Sendable {
    let holder: PoolHolder
    let promise = Promise<Grant>()

    init(_ holder: PoolHolder) { self.holder = holder }
  }

  let limit: Int
  private(set) var isClosed = false
  /// Those that nobody has, the one that was used last being the last.
  private var idle: [Entry] = []
  private var lent: [Entry] = []
  /// Connections that are being made.
  private var begun = 0
  private var waiters: [Waiter] = []

  init(limit: Int, isClosed: Bool = false) { (self.limit, self.isClosed) = (limit, isClosed) }

  var statistics: PoolStatistics {
    PoolStatistics(limit: limit, open: count, idle: idle.count, waiting: waiters.count)
  }

  private var count: Int { idle.count + lent.count + begun }

  // MARK: Giving out

  /// What there is for a caller, if there is anything and nobody waits for it.
  mutating func grant(to holder: PoolHolder) -> Grant? { waiters.isEmpty ? available(to: holder) : nil }

  private mutating func available(to holder: PoolHolder) -> Grant? {
    // The one that was used last: the others can come of age.
    if let entry = idle.popLast() {
      entry.holder = holder
      lent.append(entry)
      return .connection(entry)
    }
    guard count < limit else { return nil }
    begun += 1
    return .place
  }

  /// Whether a caller that would have to wait holds one itself.
  func holdsOne(_ asker: PoolHolder) -> Bool { lent.contains { $0.holder?.isSame(as: asker) == true } }

  /// A place has been filled.
  mutating func add(_ entry: Entry) {
    begun -= 1
    lent.append(entry)
  }

  /// A connection that was to be made was not.
  mutating func abandonPlace() { begun -= 1 }

  /// A connection that was given out is broken: its place is for another.
  mutating func replace(_ entry: Entry) -> Bool {
    guard let index = lent.firstIndex(where: { $0 === entry }) else { return false }
    lent.remove(at: index)
    begun += 1
    return true
  }

  // MARK: Taking back

  /// - Returns: whether the connection is to be closed.
  mutating func giveBack(_ entry: Entry, usable: Bool, now: Deadline) -> Bool {
    guard let index = lent.firstIndex(where: { $0 === entry }) else { return false }
    lent.remove(at: index)
    entry.holder = nil
    entry.idleSince = now
    guard usable && !isClosed && entry.end > now else { return true }
    idle.append(entry)
    return false
  }

  /// Takes out the connections that nobody has and that nobody has used since `time`, or that are too old.
  mutating func removeIdle(since time: Deadline, now: Deadline) -> [Entry] {
    guard idle.contains(where: { $0.idleSince <= time || $0.end <= now }) else { return [] }
    let old = idle.filter { $0.idleSince <= time || $0.end <= now }
    idle.removeAll { $0.idleSince <= time || $0.end <= now }
    return old
  }

  /// - Returns: the connections that nobody has, and those who wait in vain.
  mutating func close() -> (idle: [Entry], waiters: [Waiter]) {
    isClosed = true
    defer { (idle, waiters) = ([], []) }
    return (idle, waiters)
  }

  // MARK: Waiters

  mutating func enqueue(_ waiter: Waiter) { waiters.append(waiter) }

  /// False where it has been taken out already.
  mutating func withdraw(_ waiter: Waiter) -> Bool {
    guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return false }
    waiters.remove(at: index)
    return true
  }

  /// Takes out the first waiter, where there is something for it.
  mutating func serveNext() -> (Waiter, Grant)? {
    guard let waiter = waiters.first, let grant = available(to: waiter.holder) else { return nil }
    waiters.removeFirst()
    return (waiter, grant)
  }
}

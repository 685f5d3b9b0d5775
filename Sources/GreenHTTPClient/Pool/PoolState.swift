internal import Green

/// Who has which connection, and who waits: decisions alone, without waiting or closing. Used under the pool's lock.
struct PoolState {
  /// How many connections there may be.
  let most: Int
  let mostPerRoute: Int
  private var entries: [Route: [PoolEntry]] = [:]
  /// Connections that there are or are being made.
  private var count = 0
  private var counts: [Route: Int] = [:]
  /// First come, first served, as far as there is something for them.
  private var waiters: [Route: [PoolWaiter]] = [:]
  private var arrivals = 0

  init(_ configuration: HTTPClientConfiguration) {
    most = max(1, configuration.connections)
    mostPerRoute = max(1, configuration.connectionsPerHost)
  }

  /// What a request gets.
  enum Grant {
    case connection(PoolEntry)
    /// A new connection may be made. Another has to be closed for it, perhaps.
    case place(closing: PoolEntry?)
  }

  /// What there is for a request, if there is anything.
  mutating func grant(_ route: Route) -> Grant? {
    // The one that was used last: the others can come of age.
    if let entry = entries[route]?.last(where: \.hasRoom) {
      entry.inUse += 1
      return .connection(entry)
    }
    guard counts[route, default: 0] < mostPerRoute else { return nil }
    var victim: PoolEntry?
    if count >= most {
      victim = oldestIdle
      guard let victim else { return nil }
      remove(victim)
    }
    count += 1
    counts[route, default: 0] += 1
    return .place(closing: victim)
  }

  private var oldestIdle: PoolEntry? {
    entries.values.joined().filter(\.isIdle).min { $0.idleSince < $1.idleSince }
  }

  // MARK: Connections

  /// Whether there is one that nobody uses.
  var hasIdle: Bool { entries.values.contains { $0.contains(where: \.isIdle) } }

  mutating func add(_ entry: PoolEntry) { entries[entry.route, default: []].append(entry) }

  /// A connection that was to be made was not.
  mutating func abandonPlace(_ route: Route) {
    count -= 1
    let left = counts[route, default: 1] - 1
    counts[route] = left == 0 ? nil : left
  }

  mutating func remove(_ entry: PoolEntry) {
    guard let index = entries[entry.route]?.firstIndex(where: { $0 === entry }) else { return }
    entries[entry.route]?.remove(at: index)
    if entries[entry.route]?.isEmpty == true { entries[entry.route] = nil }
    abandonPlace(entry.route)
  }

  /// A request has ended. Returns the connection where it is to be closed.
  mutating func giveBack(_ entry: PoolEntry, usable: Bool) -> PoolEntry? {
    entry.inUse -= 1
    if !usable { entry.isClosing = true }
    entry.idleSince = .now
    guard entry.isClosing && entry.isIdle else {
      // The last in its list is the one that was used last.
      if let index = entries[entry.route]?.firstIndex(where: { $0 === entry }) {
        entries[entry.route]?.remove(at: index)
        entries[entry.route]?.append(entry)
      }
      return nil
    }
    remove(entry)
    return entry
  }

  /// Takes out the connections that nobody uses and `isChosen` chooses.
  mutating func removeIdle(where isChosen: (PoolEntry) -> Bool) -> [PoolEntry] {
    let chosen = entries.values.joined().filter { $0.isIdle && isChosen($0) }
    for entry in chosen { remove(entry) }
    return chosen
  }

  /// No connection there is has further requests.
  mutating func closeAll() -> [PoolEntry] {
    for entry in entries.values.joined() { entry.isClosing = true }
    return removeIdle { _ in true }
  }

  // MARK: Waiters

  mutating func enqueue(_ waiter: PoolWaiter) {
    arrivals += 1
    waiter.number = arrivals
    waiters[waiter.route, default: []].append(waiter)
  }

  /// False where it has been taken out already.
  mutating func withdraw(_ waiter: PoolWaiter) -> Bool {
    guard let index = waiters[waiter.route]?.firstIndex(where: { $0 === waiter }) else { return false }
    removeWaiter(waiter.route, at: index)
    return true
  }

  /// Takes out the first waiter for whom there is something.
  mutating func serveNext() -> (PoolWaiter, Grant)? {
    for waiter in waiters.values.compactMap(\.first).sorted(by: { $0.number < $1.number }) {
      guard let grant = self.grant(waiter.route) else { continue }
      removeWaiter(waiter.route, at: 0)
      return (waiter, grant)
    }
    return nil
  }

  /// Whether somebody waits for a connection of this route.
  func isAwaited(_ route: Route) -> Bool { waiters[route] != nil }

  private mutating func removeWaiter(_ route: Route, at index: Int) {
    waiters[route]?.remove(at: index)
    if waiters[route]?.isEmpty == true { waiters[route] = nil }
  }
}

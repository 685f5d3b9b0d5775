internal import CFiber
internal import CInspect
internal import Glibc

/// How deep the stacks of a hub's fibers went, by where the fibers were spawned. See ``Hub/stackCensus``.
public struct StackCensus: Sendable {
  /// The fibers that were spawned at one place and have ended.
  public struct Site: Sendable {
    /// `file:line`; `(others)` for places beyond the first 768.
    public let site: String
    public let fibers: Int
    /// Bytes of the deepest of their stacks, and of all on average.
    public let deepest: Int
    public let mean: Int
  }

  /// Usable bytes of each stack.
  public let stackSize: Int
  /// The places, that of the deepest stack first.
  public let sites: [Site]

  public func site(_ site: String) -> Site? { sites.first { $0.site == site } }

  init(stackSize: Int, entries: some Sequence<green_census_entry>) {
    self.stackSize = stackSize
    // One place may have its name at several addresses.
    var places: [String: green_census_entry] = [:]
    for entry in entries {
      let name = entry.file.map { "\(String(cString: $0)):\(entry.line)" } ?? "(others)"
      let known = places[name]
      places[name] = green_census_entry(
        file: nil, line: 0, count: entry.count + (known?.count ?? 0), total: entry.total + (known?.total ?? 0),
        deepest: max(entry.deepest, known?.deepest ?? 0))
    }
    let sites = places.map { name, entry in
      Site(
        site: name, fibers: Int(entry.count), deepest: Int(entry.deepest), mean: Int(entry.total / max(1, entry.count)))
    }
    self.sites = sites.sorted { ($1.deepest, $0.site) < ($0.deepest, $1.site) }
  }
}

extension StackCensus: CustomStringConvertible {
  /// A table, the deepest first:
  ///
  ///     stacks of 512 KB: how deep they went, in bytes
  ///      deepest     mean   fibers  spawned at
  ///        82416    81210       12  App/Import.swift:42
  public var description: String {
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
    func row(_ cells: String..., site: String) -> String {
      cells.map { right($0, 9) }.joined() + "  " + site
    }
    let rows = sites.map { row("\($0.deepest)", "\($0.mean)", "\($0.fibers)", site: $0.site) }
    let title = "stacks of \(stackSize / 1024) KB: how deep they went, in bytes"
    return ([title, row("deepest", "mean", "fibers", site: "spawned at")] + rows).joined(separator: "\n")
  }
}

extension Hub {
  /// How deep the stacks of this hub's fibers went, of those that have ended since ``takesStackCensus`` was switched on:
  /// what ``Settings/stackSize`` can be. To be called on the hub's thread.
  ///
  /// Depth is exact to the machine word, counted from the fiber's first frame, with the runtime's own frames, and with
  /// what redirected calls and signal handlers without a stack of their own put there. Only what was written counts:
  /// room that a fiber's deepest call reserved and left zero does not, nor do variables that AddressSanitizer keeps elsewhere. The guard below a stack is not for use, so leave
  /// room: a path that was not taken yet may be deeper.
  public var stackCensus: StackCensus {
    let entries = [green_census_entry](unsafeUninitializedCapacity: Int(GREEN_CENSUS_MOST)) { room, count in
      count = state.pointee.census.map { green_census_read($0, room.baseAddress) } ?? 0
    }
    return StackCensus(stackSize: green_pool_inspect(state.pointee.pool).stack_size, entries: entries)
  }

  /// Whether ``stackCensus`` is taken, of fibers spawned from then on; at first as ``Settings/stackCensus`` says. Some
  /// 2 µs more for each fiber, and more for each page that is there; nothing while it is off. Switched on, it begins anew.
  public var takesStackCensus: Bool {
    get { state.pointee.census != nil }
    set {
      guard newValue != takesStackCensus else { return }
      if let census = state.pointee.census { green_census_destroy(census) }
      state.pointee.census = newValue ? green_census_create(state.pointee.pool) : nil
    }
  }

  /// In a forked child: the fibers counted were the parent's.
  func restartStackCensus() {
    guard takesStackCensus else { return }
    takesStackCensus = false
    takesStackCensus = true
  }

  /// Tells it on standard error where the environment has asked for it.
  package func endStackCensus() {
    if takesStackCensus, Settings.stackCensus.source == .environment {
      let census = stackCensus
      let place = "hub of thread \(cinspect_thread_id()) in process \(getpid())"
      if !census.sites.isEmpty { Report.line("greenfinch: \(place): \(census)") }
    }
    takesStackCensus = false
  }
}

extension UnsafeMutablePointer where Pointee == green_fiber {
  /// Of a fiber that has made its last switch.
  @inline(never)
  func count(in census: OpaquePointer) {
    let site = record.pointee.site
    site.file.withMemoryRebound(to: CChar.self, capacity: 1) { green_census_add(census, self, $0, site.line) }
  }
}

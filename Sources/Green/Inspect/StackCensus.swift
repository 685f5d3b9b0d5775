internal import CFiber

/// How deep the stacks of a hub's fibers went, by where the fibers were spawned. See ``Hub/stackCensus``.
public struct StackCensus: Sendable {
  /// The fibers that were spawned at one place and have ended.
  public struct Site: Sendable {
    /// `file:line`; `(others)` for places beyond the first 768.
    public let site: String
    /// How many fibers were spawned there and have ended.
    public let fibers: Int
    /// Bytes of the deepest of their stacks.
    public let deepest: Int
    /// Bytes of their stacks on average.
    public let mean: Int
  }

  /// Usable bytes of each stack.
  public let stackSize: Int
  /// The places, that of the deepest stack first.
  public let sites: [Site]

  /// The fibers that were spawned at a place, `file:line`; `nil` where there were none.
  public func site(_ site: String) -> Site? { sites.first { $0.site == site } }

  init(stackSize: Int, entries: some Sequence<cfiber_census_entry>) {
    self.stackSize = stackSize
    // One place may have its name at several addresses.
    var places: [String: cfiber_census_entry] = [:]
    for entry in entries {
      let name = entry.file.map { "\(String(cString: $0)):\(entry.line)" } ?? "(others)"
      let known = places[name]
      places[name] = cfiber_census_entry(
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

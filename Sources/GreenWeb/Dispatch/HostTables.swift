internal import GreenHTTP

/// The routes that are for some hosts alone: a table for each pattern of hosts.
struct HostTables: Sendable {
  struct Site: Sendable {
    let pattern: HostPattern
    let table: RouteTable
    /// Its place among all.
    let index: Int
  }

  /// A site that a request is for, and what the parameters of its pattern are.
  struct Match {
    let site: Site
    let values: [(name: String, value: String)]
  }

  /// By the names of hosts that are written out.
  private let exact: [String: Site]
  /// The others, those that say most first.
  private let patterns: [Site]

  /// - Returns: `nil` where there are none.
  init?(_ tables: [(pattern: HostPattern, table: RouteTable)]) {
    if tables.isEmpty { return nil }
    let sites = tables.enumerated().map { Site(pattern: $1.pattern, table: $1.table, index: $0) }
    exact = Dictionary(sites.filter(\.pattern.isLiteral).map { ($0.pattern.literal, $0) }) { first, _ in first }
    // Stable: of two that say alike, the one that was added first.
    patterns = sites.filter { !$0.pattern.isLiteral }.enumerated().sorted { one, other in
      if one.element.pattern.isNarrower(than: other.element.pattern) { return true }
      return !other.element.pattern.isNarrower(than: one.element.pattern) && one.offset < other.offset
    }.map(\.element)
  }

  /// The sites that a request is for, the one that says most first.
  func matches(_ request: borrowing Request) -> [Match] {
    guard let authority = request.host else { return [] }
    let host = HostName.of(authority)
    var matches: [Match] = []
    if let site = exact[host] { matches.append(Match(site: site, values: [])) }
    if patterns.isEmpty { return matches }
    let labels = HostName.labels(host)
    for site in patterns {
      if let values = site.pattern.values(of: labels) { matches.append(Match(site: site, values: values)) }
    }
    return matches
  }
}

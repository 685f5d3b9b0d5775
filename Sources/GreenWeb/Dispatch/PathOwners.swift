internal import GreenHTTP

/// The ways of requests without a route, by the prefix of the blueprint that they belong to.
struct PathOwners: Sendable {
  /// The longest prefix first. The last is that of all paths, whose prefix is empty.
  private let owners: [(prefix: PathPrefix, pipeline: RoutePipeline)]

  /// - Parameters:
  ///   - all: the blueprints' prefixes.
  ///   - host: of which hosts the requests are; `nil` for those of no host in particular.
  ///   - makePipeline: makes the way through some blueprints.
  init(_ all: [PathOwner], host: HostPattern?, _ makePipeline: ([_ScaffoldState]) -> RoutePipeline) {
    let own = all.filter { $0.host == host }
    // Of a host, its blueprint is around all paths; else the application alone.
    let whole = host == nil ? nil : own.filter { $0.prefix.isEmpty }.min { $0.scopes.count < $1.scopes.count }
    let others = host == nil ? [] : all.filter { $0.host == nil }
    let known = (own + others).filter { !$0.prefix.isEmpty }
    let longestFirst = known.enumerated().sorted { one, other in
      let lengths = (one.element.prefix.utf8.count, other.element.prefix.utf8.count)
      if lengths.0 != lengths.1 { return lengths.0 > lengths.1 }
      let areOfHost = (one.element.host != nil, other.element.host != nil)
      if areOfHost.0 != areOfHost.1 { return areOfHost.0 }
      // Of two with one prefix, the one that lies around the other.
      let depths = (one.element.scopes.count, other.element.scopes.count)
      return depths.0 != depths.1 ? depths.0 < depths.1 : one.offset < other.offset
    }
    owners = (longestFirst.map(\.element) + [PathOwner(host: host, prefix: "", scopes: whole?.scopes ?? [])]).map {
      (PathPrefix($0.prefix), makePipeline($0.scopes))
    }
  }

  /// The way of a request for a path.
  func pipeline(of path: UnsafeRawBufferPointer) -> RoutePipeline {
    let place = owners.firstIndex { $0.prefix.contains(path) } ?? owners.count - 1
    return owners[place].pipeline
  }
}

/// The beginning of the paths of a blueprint: `/users`, `/users/{id}`.
private struct PathPrefix {
  private let segments: [[UInt8]]
  /// Its length in bytes.
  let count: Int

  init(_ text: String) {
    segments = text.utf8.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false).map { Array($0) }
    count = text.utf8.count
  }

  /// Whether a path begins with it.
  func contains(_ path: UnsafeRawBufferPointer) -> Bool {
    if count == 0 { return true }
    let parts = path.dropFirst().split(
      separator: 0x2f, maxSplits: segments.count, omittingEmptySubsequences: false)
    guard parts.count >= segments.count else { return false }
    return zip(segments, parts).allSatisfy { segment, part in
      if segment.first == UInt8(ascii: "{") { return !part.isEmpty }
      if !part.contains(0x25) { return part.elementsEqual(segment) }
      // As a route's own literals are found.
      return PercentEncoding.decoded(UnsafeRawBufferPointer(rebasing: part))?.utf8.elementsEqual(segment) ?? false
    }
  }
}

internal import GreenHTTP
internal import HTTPTypes

/// Finds a request's route and takes the request its way: what lies inside the application's middleware.
struct RoutedCore: Sendable {
  let table: RouteTable
  /// The way of requests without a route, by the prefix of the blueprint that they belong to, the longest first. The last is
  /// the application's own, whose prefix is empty.
  private let owners: [(prefix: PathPrefix, pipeline: RoutePipeline)]
  private let log: RequestLog

  init(
    _ routes: [RouteEntry], owners: [(prefix: String, scopes: [_ScaffoldState])], _ hooks: _ScaffoldState.Hooks,
    log: RequestLog
  ) {
    var known: [ObjectIdentifier: _ScaffoldState.Hooks] = [:]
    func way(_ scopes: [_ScaffoldState]) -> RoutePipeline.Way {
      let blueprints = scopes.map { scope in
        let hooks = known[ObjectIdentifier(scope)] ?? scope.current
        known[ObjectIdentifier(scope)] = hooks
        return hooks
      }
      return RoutePipeline.Way(application: hooks, blueprints: blueprints)
    }
    let table = RouteTable(
      routes.map { ($0, RoutePipeline($0, way($0.scopes))) }, isBare: hooks.applicationMiddleware.isEmpty)
    self.table = table
    let longestFirst = (owners.filter { !$0.prefix.isEmpty } + [("", [])]).sorted { one, other in
      let lengths = (one.prefix.utf8.count, other.prefix.utf8.count)
      // Of two with one prefix, the one that lies around the other.
      return lengths.0 != lengths.1 ? lengths.0 > lengths.1 : one.scopes.count < other.scopes.count
    }
    self.owners = longestFirst.map { owner in
      (PathPrefix(owner.prefix), RoutePipeline(way(owner.scopes)) { try table.unmatched($0) })
    }
    self.log = log
  }

  /// Answers a request: by the way that was found for it already, or by the one that is found now.
  func answer(_ request: Request) -> Response {
    if request.hasNotes, let found = request.match as? RoutePipeline { return pass(request, found) }
    return pass(request, find(request))
  }

  /// Answers an error that left the application's middleware.
  func answer(_ error: any Error, of request: Request) -> Response {
    var passage = Passage(request, by: request.match as? RoutePipeline ?? owner(of: request), log: log)
    return passage.answer(error)
  }

  /// Takes a request its way.
  func pass(_ request: Request, _ pipeline: RoutePipeline) -> Response {
    var passage = Passage(request, by: pipeline, log: log)
    let response = passage.answer()
    return passage.leave(response)
  }

  /// Answers a request to which a handler has answered, or has failed to, on whose way nothing else lies.
  @inline(never)
  func finish(_ request: Request, _ pipeline: RoutePipeline, _ result: Result<Response, any Error>) -> Response {
    var passage = Passage(request, by: pipeline, log: log)
    switch result {
    case .success(let response): return passage.leave(response)
    case .failure(let error):
      let response = passage.answer(error)
      return passage.leave(response)
    }
  }

  /// The way of a request. What is found is noted with it.
  func find(_ request: Request) -> RoutePipeline {
    guard let found = table.find(request) else {
      request.noteRoute(nil)
      return unmatched(request)
    }
    request.noteRoute(found.label)
    if found.parameters.isEmpty { return found }
    do {
      request.noteParameters(try found.values(in: request.rawPathBytes))
      return found
    } catch {
      return RoutePipeline(owner(of: request)) { _ in throw error }
    }
  }

  /// The way of a request without a route: an unmatched path belongs to the blueprint with the longest prefix of it. What
  /// blueprints add to answers belongs to those that tell what is allowed, too: CORS.
  private func unmatched(_ request: Request) -> RoutePipeline {
    guard request.knownMethod == .options, let first = table.first(at: request.rawPathBytes) else {
      return owner(of: request)
    }
    let table = table
    return RoutePipeline(first) { try table.unmatched($0) }
  }

  /// The way of requests for which there is no route.
  func owner(of request: Request) -> RoutePipeline {
    let path = request.rawPathBytes
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
      segment.first == UInt8(ascii: "{") ? !part.isEmpty : part.elementsEqual(segment)
    }
  }
}

internal import GreenHTTP
internal import HTTPTypes

/// Finds a request's route and takes the request its way: what lies inside the application's middleware.
struct RoutedCore: Sendable {
  /// The routes that are for no host in particular.
  let table: RouteTable
  /// Those of some hosts; `nil` where there are none.
  private let hosts: HostTables?
  /// The way of requests without a route.
  private let owners: PathOwners
  /// The same for requests of hosts that have routes of their own, by their place.
  private let hostOwners: [PathOwners]
  /// What says to requests without a route why they have none.
  private let refusal: Responder
  private let log: RequestLog

  init(_ routes: [RouteEntry], owners: [PathOwner], _ hooks: _ScaffoldState.Hooks, log: RequestLog) {
    var known: [ObjectIdentifier: _ScaffoldState.Hooks] = [:]
    func way(_ scopes: [_ScaffoldState]) -> RoutePipeline.Way {
      let blueprints = scopes.map { scope in
        let hooks = known[ObjectIdentifier(scope)] ?? scope.current
        known[ObjectIdentifier(scope)] = hooks
        return hooks
      }
      return RoutePipeline.Way(application: hooks, blueprints: blueprints)
    }
    func table(of routes: [RouteEntry], isBare: Bool) -> RouteTable {
      RouteTable(routes.map { ($0, RoutePipeline($0, way($0.scopes))) }, isBare: isBare)
    }
    let common = routes.filter { $0.host == nil }
    // Where hosts have routes of their own, no path alone says which route a request has.
    let isBare = hooks.applicationMiddleware.isEmpty && hooks.json == nil && common.count == routes.count
    let commonTable = table(of: common, isBare: isBare)
    self.table = commonTable
    let patterns = HostPattern.distinct(in: routes.compactMap(\.host))
    let hosts = HostTables(
      patterns.map { pattern in
        (pattern, table(of: routes.filter { $0.host == pattern }, isBare: false))
      })
    self.hosts = hosts
    refusal = { request in
      try RouteTable.unmatched(request, in: (hosts?.matches(request).map(\.site.table) ?? []) + [commonTable])
    }
    let refusal = refusal
    self.owners = PathOwners(owners, host: nil) { RoutePipeline(way($0), refusal) }
    hostOwners = patterns.map { pattern in PathOwners(owners, host: pattern) { RoutePipeline(way($0), refusal) } }
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
    if let hosts, let found = find(request, in: hosts) { return found }
    guard let found = table.find(request) else {
      request.noteRoute(nil)
      return unmatched(request)
    }
    return noted(found, of: request)
  }

  /// The route of a request; `nil` where it has none. Nothing is noted.
  func route(of request: Request) -> RoutePipeline? {
    if let hosts {
      for match in hosts.matches(request) { if let found = match.site.table.find(request) { return found } }
    }
    return table.find(request)
  }

  @inline(never)
  private func find(_ request: Request, in hosts: HostTables) -> RoutePipeline? {
    for match in hosts.matches(request) {
      guard let found = match.site.table.find(request) else { continue }
      var values = Parameters()
      for (name, value) in match.values { values.append(name: name, value: value) }
      return noted(found, of: request, after: values)
    }
    return nil
  }

  /// Notes a route with a request, and the parameters of its path after those of its host.
  private func noted(_ found: RoutePipeline, of request: Request, after first: Parameters = Parameters())
    -> RoutePipeline
  {
    request.noteRoute(found.label)
    if found.parameters.isEmpty && first.count == 0 { return found }
    do {
      request.noteParameters(try found.values(in: request.rawPathBytes, after: first))
      return found
    } catch {
      return RoutePipeline(owner(of: request)) { _ in throw error }
    }
  }

  /// The way of a request without a route: an unmatched path belongs to the blueprint with the longest prefix of it. What
  /// blueprints add to answers belongs to those that tell what is allowed, too: CORS.
  private func unmatched(_ request: Request) -> RoutePipeline {
    guard request.knownMethod == .options, let first = firstAtPath(of: request) else { return owner(of: request) }
    return RoutePipeline(first, refusal)
  }

  /// The first route of a request's path, whatever its method.
  private func firstAtPath(of request: Request) -> RoutePipeline? {
    let path = request.rawPathBytes
    for match in hosts?.matches(request) ?? [] { if let first = match.site.table.first(at: path) { return first } }
    return table.first(at: path)
  }

  /// The way of requests for which there is no route.
  func owner(of request: Request) -> RoutePipeline {
    let site = hosts?.matches(request).first?.site
    return (site.map { hostOwners[$0.index] } ?? owners).pipeline(of: request.rawPathBytes)
  }
}

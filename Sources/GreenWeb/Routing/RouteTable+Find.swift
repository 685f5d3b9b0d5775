internal import GreenHTTP
internal import HTTPTypes

extension RouteTable {
  /// The route for a request whose path is written out in it, and on whose way nothing lies; `nil` for any other request. It goes
  /// before all that ``match(_:_:)`` could find besides.
  @inline(__always)
  func plainRoute(for request: borrowing Request) -> Unmanaged<RoutePipeline>? {
    let method = request.knownMethod.rawValue
    let index = literals.endpoint(of: request.rawPathBytes)
    return index >= 0 ? plain[Int(index) << Self.methodBits | Int(method)] : nil
  }

  /// The route for a request; `nil` where there is none.
  func find(_ request: borrowing Request) -> RoutePipeline? {
    let method = request.knownMethod
    let path = request.rawPathBytes
    let index = match(path, method)
    guard index >= 0 else { return nil }
    let routes = endpoints[Int(index)].routes(of: method, request)
    if routes.count == 1 && routes[0].checkCount == 0 { return routes[0] }
    if let route = routes.first(where: { $0.accepts(path) }) { return route }
    return method == .other ? findByName(request) : nil
  }

  /// The route for a request of a method that is not among the known ones, which one bit stands for: the endpoint that is best
  /// for a path may be for another of them.
  @inline(never)
  private func findByName(_ request: borrowing Request) -> RoutePipeline? {
    let name = request.method.rawValue
    let path = request.rawPathBytes
    var found: RoutePipeline?
    forEachMatch(path) { endpoint in
      if found == nil { found = endpoint.others[name]?.first { $0.accepts(path) } }
    }
    return found
  }

  /// The first route of a path, whatever its method.
  @inline(never)
  func first(at path: UnsafeRawBufferPointer) -> RoutePipeline? {
    var first: RoutePipeline?
    forEachMatch(path) { endpoint in
      first = first ?? (endpoint.routes + Array(endpoint.others.values)).joined().first { $0.accepts(path) }
    }
    return first
  }

  /// Answers what no route of some tables is for: `404`, `405` with what is allowed (RFC 9110, 15.5.6), or that alone
  /// to `OPTIONS`.
  ///
  /// - Throws: `HTTPError`, for the first two.
  @inline(never)
  static func unmatched(_ request: Request, in tables: [RouteTable]) throws -> Response {
    let path = request.rawPathBytes
    var allowed: [String] = []
    if request.knownMethod == .options && path.first == 0x2a {
      // RFC 9110, 9.3.7: `*` asks about the server as a whole.
      for endpoint in tables.flatMap(\.endpoints) {
        allowed += KnownMethod.allCases.filter { endpoint.methods & $0.bit != 0 }.compactMap { $0.method?.rawValue }
        allowed += endpoint.others.keys.sorted()
      }
    } else {
      for table in tables { table.forEachMatch(path) { allowed += $0.names(for: path) } }
      if allowed.isEmpty { throw HTTPError(.notFound) }
    }
    var names: [String] = []
    for name in allowed + ["OPTIONS"] where !names.contains(name) { names.append(name) }
    let fields: HTTPFields = [.allow: names.joined(separator: ", ")]
    if request.knownMethod == .options { return Response(headers: fields) }
    throw HTTPError(.methodNotAllowed, headers: fields)
  }
}

internal import GreenHTTP
internal import HTTPTypes

extension RouteTable {
  /// The handler for a request whose path is written out in its route; `nil` for any other request.
  @inline(__always)
  func plainHandler(for request: borrowing Request) -> Unmanaged<RouteHandler>? {
    let method = request.knownMethod.rawValue
    let index = literalEndpoint(of: request.rawPathBytes)
    return index >= 0 ? plain[Int(index) << Self.methodBits | Int(method)] : nil
  }

  /// What answers a request: a route, and the request with its parameters; `nil` where no route does. Throws `HTTPError`
  /// with `400` when a parameter is malformed.
  @inline(__always)
  func find(_ request: Request) throws -> (handler: RouteHandler, request: Request)? {
    let method = request.knownMethod
    let index = match(request.rawPathBytes, method.bit)
    guard index >= 0 else { return nil }
    let endpoint = endpoints[Int(index)]
    if method == .other {
      let name = request.method.rawValue
      guard let handler = endpoint.others[name] else { return nil }
      return (handler, try request.with(endpoint.othersParameters[name] ?? []))
    }
    guard let handler = endpoint.handlers[Int(method.rawValue)] else { return nil }
    let parameters = endpoint.parameters[Int(method.rawValue)]
    return (handler, try parameters.isEmpty ? request : request.with(parameters))
  }

  /// The path of the route that answers a request.
  func pattern(of request: Request) -> String? {
    let index = match(request.rawPathBytes, request.knownMethod.bit)
    return index >= 0 ? endpoints[Int(index)].pattern : nil
  }

  /// The blueprints around the first route of a path, whatever its method.
  @inline(never)
  func scopes(around path: UnsafeRawBufferPointer) -> [_ScaffoldState] {
    var first: RouteHandler?
    forEachMatch(path) { endpoint in
      if first == nil { first = endpoint.handlers.lazy.compactMap { $0 }.first ?? endpoint.others.values.first }
    }
    return first?.scopes ?? []
  }

  /// Answers what no handler is for: `404`, `405` with what is allowed (RFC 9110, 15.5.6), or that alone to `OPTIONS`.
  @inline(never)
  func unmatched(_ request: Request) -> Response {
    var allowed: [String] = []
    if request.knownMethod == .options && request.rawPathBytes.first == 0x2a {
      // RFC 9110, 9.3.7: `*` asks about the server as a whole.
      for endpoint in endpoints { allowed += endpoint.names }
    } else {
      forEachMatch(request.rawPathBytes) { allowed += $0.names }
      if allowed.isEmpty { return Response("Not Found", status: .notFound) }
    }
    var names: [String] = []
    for name in allowed + ["OPTIONS"] where !names.contains(name) { names.append(name) }
    let isOptions = request.knownMethod == .options
    var response = isOptions ? Response() : Response("Method Not Allowed", status: .methodNotAllowed)
    response.headers[.allow] = names.joined(separator: ", ")
    return response
  }
}

extension Request {
  /// The request with its path parameters, percent-decoded. Throws `HTTPError` with `400` when one is malformed.
  fileprivate func with(_ parameters: [RoutePattern.Parameter]) throws -> Request {
    if parameters.isEmpty { return self }
    var request = self
    let path = rawPathBytes
    var start = 1
    var segment = 0
    for parameter in parameters {
      while segment < parameter.segment, let slash = path[start...].firstIndex(of: 0x2f) {
        start = slash + 1
        segment += 1
      }
      let end = parameter.isRest ? path.count : path[start...].firstIndex(of: 0x2f) ?? path.count
      let bytes = UnsafeRawBufferPointer(rebasing: path[start..<end])
      guard let value = PercentEncoding.decoded(bytes) else {
        throw HTTPError(.badRequest, "the path is not percent-encoded UTF-8 at parameter '\(parameter.name)'")
      }
      request.parameters.append(name: parameter.name, value: value)
    }
    return request
  }
}

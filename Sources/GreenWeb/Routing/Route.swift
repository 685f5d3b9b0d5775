internal import GreenHTTP
internal import HTTPTypes

/// What answers a request. A class, so that to find one and call it copies nothing.
final class RouteHandler: Sendable {
  let call: @Sendable (Request) throws -> Response
  /// The blueprints around the route, the outermost first.
  let scopes: [_ScaffoldState]
  /// How many bytes the body of a request may have, where the route says so; 0 for any number.
  let bodyLimit: Int?

  init(
    _ call: @escaping @Sendable (Request) throws -> Response, scopes: [_ScaffoldState] = [], bodyLimit: Int? = nil
  ) {
    self.call = call
    self.scopes = scopes
    self.bodyLimit = bodyLimit
  }

  func inside(_ scope: _ScaffoldState) -> RouteHandler {
    RouteHandler(call, scopes: [scope] + scopes, bodyLimit: bodyLimit)
  }

  /// Whether nothing of the blueprints around the route is called for a request that does not fail.
  var hasNoHooks: Bool {
    @inline(__always) get { scopes.isEmpty || scopes.allSatisfy(\.hasNoHooks) }
  }
}

/// One method of one pattern, and what answers it.
struct Route: Sendable {
  let method: HTTPRequest.Method
  let pattern: RoutePattern
  let handler: RouteHandler

  /// What tells the requests of two routes apart. The names of parameters make no difference.
  struct Requests: Hashable {
    let method: HTTPRequest.Method
    let segments: [RoutePattern.Segment]
  }

  var requests: Requests { Requests(method: method, segments: pattern.segments) }
}

/// All routes of one shape of path.
final class Endpoint: Sendable {
  /// Handlers of the registered methods, by `KnownMethod`.
  let handlers: [RouteHandler?]
  /// Handlers of other methods, by name.
  let others: [String: RouteHandler]
  /// For each known method: the its pattern's parameters. They may differ between methods.
  let parameters: [[RoutePattern.Parameter]]
  let othersParameters: [String: [RoutePattern.Parameter]]
  /// Their path as it was registered first.
  let pattern: String
  /// The methods as bits, `HEAD` among them when there is `GET`.
  let methods: UInt16

  init(_ routes: [Route]) {
    var handlers = [RouteHandler?](repeating: nil, count: KnownMethod.allCases.count)
    var parameters = [[RoutePattern.Parameter]](repeating: [], count: KnownMethod.allCases.count)
    var others: [String: RouteHandler] = [:]
    var othersParameters: [String: [RoutePattern.Parameter]] = [:]
    var methods: UInt16 = 0
    for route in routes {
      let method = KnownMethod(route.method)
      methods |= method.bit
      if method == .other {
        others[route.method.rawValue] = route.handler
        othersParameters[route.method.rawValue] = route.pattern.parameters
      } else {
        handlers[Int(method.rawValue)] = route.handler
        parameters[Int(method.rawValue)] = route.pattern.parameters
      }
    }
    // RFC 9110, 9.3.2: HEAD is GET without the content, which the connection leaves out.
    let get = Int(KnownMethod.get.rawValue)
    let head = Int(KnownMethod.head.rawValue)
    if handlers[head] == nil, let handler = handlers[get] {
      handlers[head] = handler
      parameters[head] = parameters[get]
      methods |= KnownMethod.head.bit
    }
    pattern = routes.first?.pattern.text ?? ""
    self.handlers = handlers
    self.parameters = parameters
    self.others = others
    self.othersParameters = othersParameters
    self.methods = methods
  }

  /// By `KnownMethod`, the handlers of routes whose paths are written out.
  var plainHandlers: [RouteHandler?] {
    zip(handlers, parameters).map { handler, parameters in parameters.isEmpty ? handler : nil }
  }

  /// The names of the methods, in the order of `KnownMethod`.
  var names: [String] {
    KnownMethod.allCases.filter { $0 != .other && methods & $0.bit != 0 }.compactMap { $0.method?.rawValue }
      + others.keys.sorted()
  }
}

extension KnownMethod {
  /// The method in a set of methods.
  var bit: UInt16 { 1 << UInt16(rawValue) }
}

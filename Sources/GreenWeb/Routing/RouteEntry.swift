internal import GreenHTTP
internal import HTTPTypes

/// One method of one pattern, and the route that answers it.
struct RouteEntry: Sendable {
  let method: HTTPRequest.Method
  /// The hosts that it is for; `nil` for any.
  let host: HostPattern?
  let pattern: RoutePattern
  let record: RouteRecord
  /// The blueprints around the route, the outermost first.
  let scopes: [_ScaffoldState]

  /// What tells the requests of two routes apart. The names of parameters make no difference, their types do.
  struct Requests: Hashable {
    let method: HTTPRequest.Method
    let host: [HostPattern.Label]?
    let segments: [RoutePattern.Segment]
    let types: [String]
  }

  /// The hosts that it is for, where it is for some alone, and its path, as they were written.
  var place: String { (host?.text ?? "") + pattern.text }

  var requests: Requests {
    Requests(
      method: method, host: host?.labels, segments: pattern.segments,
      types: pattern.parameters.map { $0.check?.name ?? "" })
  }
}

/// All routes of one shape of path.
final class Endpoint: Sendable {
  /// The routes of the registered methods, by `KnownMethod`: those that ask most of their parameters first.
  let routes: [[RoutePipeline]]
  /// Those of other methods, by name.
  let others: [String: [RoutePipeline]]
  /// The methods as bits, `HEAD` among them when there is `GET`.
  let methods: UInt16
  /// The methods, as bits, of which every route has parameters that must be looked at.
  let checked: UInt16

  init(_ entries: [(method: HTTPRequest.Method, pipeline: RoutePipeline)]) {
    var routes = [[RoutePipeline]](repeating: [], count: KnownMethod.allCases.count)
    var others: [String: [RoutePipeline]] = [:]
    var methods: UInt16 = 0
    for (method, pipeline) in entries {
      let known = KnownMethod(method)
      methods |= known.bit
      if known == .other {
        others[method.rawValue, default: []].append(pipeline)
      } else {
        routes[Int(known.rawValue)].append(pipeline)
      }
    }
    // RFC 9110, 9.3.2: HEAD is GET without the content, which the connection leaves out.
    let get = Int(KnownMethod.get.rawValue)
    let head = Int(KnownMethod.head.rawValue)
    if routes[head].isEmpty, !routes[get].isEmpty {
      routes[head] = routes[get]
      methods |= KnownMethod.head.bit
    }
    var checked: UInt16 = others.isEmpty ? 0 : KnownMethod.other.bit
    for method in KnownMethod.allCases {
      let routes = routes[Int(method.rawValue)]
      if !routes.isEmpty && routes.allSatisfy({ $0.checkCount > 0 }) { checked |= method.bit }
    }
    self.routes = routes.map(Self.ordered)
    self.others = others.mapValues(Self.ordered)
    self.methods = methods
    self.checked = checked
  }

  /// Stable: of two that ask alike, the one that was added first.
  private static func ordered(_ routes: [RoutePipeline]) -> [RoutePipeline] {
    routes.enumerated().sorted {
      $0.element.checkCount != $1.element.checkCount
        ? $0.element.checkCount > $1.element.checkCount : $0.offset < $1.offset
    }.map(\.element)
  }

  /// The routes of a method.
  func routes(of method: KnownMethod, _ request: borrowing Request) -> [RoutePipeline] {
    method == .other ? others[request.method.rawValue] ?? [] : routes[Int(method.rawValue)]
  }

  /// By `KnownMethod`, the routes whose paths are written out, and on whose way nothing lies.
  var plainRoutes: [RoutePipeline?] {
    routes.map { routes in routes.first.flatMap { $0.parameters.isEmpty && $0.isBare ? $0 : nil } }
  }

  /// The names of the methods that have a route for a path, in the order of `KnownMethod`.
  func names(for path: UnsafeRawBufferPointer) -> [String] {
    KnownMethod.allCases.filter { method in
      method != .other && routes[Int(method.rawValue)].contains { $0.accepts(path) }
    }.compactMap { $0.method?.rawValue }
      + others.filter { $0.value.contains { $0.accepts(path) } }.keys.sorted()
  }
}

extension KnownMethod {
  /// The method in a set of methods.
  var bit: UInt16 { 1 << UInt16(rawValue) }
}

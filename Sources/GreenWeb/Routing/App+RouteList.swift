package import GreenHTTP
internal import HTTPTypes

extension App {
  /// The path of the route that answers a request, as it was registered: `/users/{id}`; `nil` where none does. While the
  /// request is answered, ``GreenHTTP/Request/route`` says it without looking for it.
  package func routePattern(of request: Request) -> String? {
    route(of: request)?.label?._withUnsafeGuaranteedRef { $0.text }
  }

  /// The application's routes, one a line: the method, the path as it was written, and its name where it has one. What `routes`
  /// shows on the command line.
  package var routeList: String {
    let routes = routes.all
    let width = routes.map(\.method.rawValue.count).max() ?? 0
    return routes.map { route in
      let method = route.method.rawValue
      let name = route.record.settings.name.map { "  \($0)" } ?? ""
      return method + String(repeating: " ", count: width - method.count) + "  \(route.place)\(name)\n"
    }.joined()
  }
}

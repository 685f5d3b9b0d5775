internal import HTTPTypes

extension App {
  /// The path of the route that answers a request, as it was registered: `/users/{id}`; `nil` where none does.
  package func routePattern(of request: Request) -> String? {
    routes.withTable { $0.pattern(of: request) }
  }

  /// The application's routes, one a line: the method, and the path as it was written. What `routes` shows on the command
  /// line.
  package var routeList: String {
    let routes = routes.all
    let width = routes.map(\.method.rawValue.count).max() ?? 0
    return routes.map { route in
      let method = route.method.rawValue
      return method + String(repeating: " ", count: width - method.count) + "  \(route.pattern.text)\n"
    }.joined()
  }
}

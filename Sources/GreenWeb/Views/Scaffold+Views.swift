internal import GreenHTTP
public import HTTPTypes

extension Scaffold {
  /// Answers `methods` at `path` by a view, which is made anew for each request.
  public func add<Kind: View>(
    _ view: @autoclosure @escaping @Sendable () throws -> Kind, at path: String,
    methods: [HTTPRequest.Method] = [.get]
  ) {
    route(path, methods: methods) { (request: Request) async throws -> Response in
      try await view().dispatchRequest(request).response(for: request)
    }
  }

  /// Answers the view's methods at `path`. The view is made anew for each request.
  public func add<Kind: MethodView>(_ view: @autoclosure @escaping @Sendable () throws -> Kind, at path: String) {
    for method in Kind.methods {
      route(path, methods: [method]) { (request: Request) async throws -> Response in
        let view = try view()
        switch method {
        case .get: return try await view.get(request)
        case .head: return try await view.head(request)
        case .post: return try await view.post(request)
        case .put: return try await view.put(request)
        case .patch: return try await view.patch(request)
        case .delete: return try await view.delete(request)
        default: throw HTTPError(.methodNotAllowed)
        }
      }
    }
  }
}

internal import GreenHTTP
public import HTTPTypes

extension Scaffold {
  /// Answers `methods` at `path` by a view.
  public func add<Kind: View>(_ view: Kind.Type, at path: String, methods: [HTTPRequest.Method] = [.get]) {
    route(path, methods: methods) { (request: Request) async throws -> Response in
      try await Kind().dispatchRequest(request).response(for: request)
    }
  }

  /// Answers the view's methods at `path`.
  public func add<Kind: MethodView>(_ view: Kind.Type, at path: String) {
    for method in Kind.methods {
      route(path, methods: [method]) { (request: Request) async throws -> Response in
        let view = Kind()
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

/// What an application and a blueprint have in common: routes, middleware, hooks and error handlers.
public protocol Scaffold: AnyObject, Sendable {
  /// Where the routes, middleware, hooks and error handlers are kept.
  var _scaffold: _ScaffoldState { get }

  /// Registers a blueprint's routes below a path that ends with no slash.
  func register(_ blueprint: Blueprint, at prefix: String)
}

extension Scaffold {
  /// Registers a blueprint's routes as they are.
  public func register(_ blueprint: Blueprint) { register(blueprint, at: "") }

  /// Adds routes below a path, with middleware, hooks and error handlers of their own: a blueprint in place.
  ///
  /// ```swift
  /// app.group("/admin") { admin in
  ///   admin.beforeRequest { request in isAdministrator(request) ? nil : HTTPResponse.Status.forbidden }
  ///   admin.get("/") { _ in "hello, admin" }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - path: what the routes lie below; it ends with no slash.
  ///   - name: the blueprint's, for logs; the path where it is not given.
  ///   - body: adds the routes. What it does with the blueprint later counts too, except for routes.
  @discardableResult
  public func group(_ path: String, name: String? = nil, _ body: (Blueprint) throws -> Void) rethrows -> Blueprint {
    let blueprint = Blueprint(name ?? path)
    try body(blueprint)
    register(blueprint, at: path)
    return blueprint
  }
}

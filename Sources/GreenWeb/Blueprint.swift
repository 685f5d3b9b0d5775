internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// A part of an application: routes with hooks and error handlers of their own, to be registered under a path.
///
/// ```swift
/// let users = Blueprint("users")
/// users.beforeRequest { request in try authenticate(request) }
/// users.get("/{id}") { request in try user(request) }
/// app.register(users, at: "/users")
/// ```
///
/// Blueprints may be registered on others. What is added to one after it was registered counts too, except for routes: those
/// are added first.
public final class Blueprint: Scaffold {
  /// The blueprint's name, for logs.
  public let name: String
  /// Where the routes, hooks and error handlers are kept.
  public let _scaffold: _ScaffoldState
  private let parts: Guarded<[Part]>

  struct Part: Sendable {
    let path: String
    let methods: [HTTPRequest.Method]
    let handler: RouteHandler
  }

  /// A blueprint without routes.
  public init(_ name: String) {
    self.name = name
    let parts = Guarded<[Part]>([])
    self.parts = parts
    _scaffold = _ScaffoldState { path, methods, handler in
      parts.withLock { $0.append(Part(path: path, methods: methods, handler: handler)) }
    }
  }

  /// Registers another blueprint below this one, at a path that ends with no slash.
  public func register(_ blueprint: Blueprint, at prefix: String = "") {
    for part in blueprint.scoped(prefix) { parts.withLock { $0.append(part) } }
  }

  /// Its routes as whoever it is registered on takes them over.
  func scoped(_ prefix: String) -> [Part] {
    parts.withLock { $0 }.map { part in
      // The blueprint's own root is the prefix itself.
      let path = part.path == "/" && !prefix.isEmpty ? prefix : prefix + part.path
      return Part(path: path, methods: part.methods, handler: part.handler.inside(_scaffold))
    }
  }
}

extension App {
  /// Registers a blueprint's routes below a path that ends with no slash.
  public func register(_ blueprint: Blueprint, at prefix: String = "") {
    for part in blueprint.scoped(prefix) { add(part.path, part.methods, part.handler) }
  }
}

internal import Green

/// A part of an application: routes with middleware, hooks and error handlers of their own, to be registered under a path.
///
/// ```swift
/// let users = Blueprint("users")
/// users.beforeRequest { request in try authenticate(request) }
/// users.get("/{id}") { (_, id: Int) in try user(id) }
/// app.register(users, at: "/users")
/// ```
///
/// Blueprints may be registered on others. What is added to one after it was registered counts too, except for routes: those
/// are added first. Paths below its prefix that have no route belong to it as well: its error handlers say what `404` looks like
/// there.
public final class Blueprint: Scaffold {
  /// The blueprint's name, for logs.
  public let name: String
  /// Where the routes, middleware, hooks and error handlers are kept.
  public let _scaffold: _ScaffoldState
  private let parts: Guarded<Parts>

  /// What whoever the blueprint is registered on takes over.
  struct Parts: Sendable {
    var routes: [(record: RouteRecord, path: String, scopes: [_ScaffoldState])] = []
    /// The prefixes of blueprints.
    var prefixes: [(prefix: String, scopes: [_ScaffoldState])] = []
  }

  /// A blueprint without routes.
  public init(_ name: String) {
    self.name = name
    let parts = Guarded(Parts())
    self.parts = parts
    _scaffold = _ScaffoldState { record in parts.withLock { $0.routes.append((record, record.path, [])) } }
  }

  /// Registers another blueprint below this one, at a path that ends with no slash.
  public func register(_ blueprint: Blueprint, at prefix: String) {
    let inner = blueprint.scoped(prefix)
    parts.withLock { parts in
      parts.routes += inner.routes
      parts.prefixes += inner.prefixes
    }
  }

  /// Its parts as whoever it is registered on takes them over.
  func scoped(_ prefix: String) -> Parts {
    var scoped = parts.withLock { $0 }
    scoped.routes = scoped.routes.map { record, path, scopes in
      // The blueprint's own root is the prefix itself.
      (record, path == "/" && !prefix.isEmpty ? prefix : prefix + path, [_scaffold] + scopes)
    }
    scoped.prefixes = scoped.prefixes.map { (prefix + $0.prefix, [_scaffold] + $0.scopes) }
    scoped.prefixes.append((prefix, [_scaffold]))
    return scoped
  }
}

extension App {
  /// Registers a blueprint's routes below a path that ends with no slash.
  public func register(_ blueprint: Blueprint, at prefix: String) {
    let parts = blueprint.scoped(prefix)
    for (record, path, scopes) in parts.routes { add(record, path, scopes: scopes) }
    for (prefix, scopes) in parts.prefixes { routes.add(owner: scopes, of: prefix) }
  }
}

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
  /// The hosts that its routes are for; `nil` for any.
  private let host: HostPattern?
  private let parts: Guarded<Parts>

  /// What whoever the blueprint is registered on takes over.
  struct Parts: Sendable {
    var routes: [(record: RouteRecord, path: String, host: HostPattern?, scopes: [_ScaffoldState])] = []
    /// The prefixes of blueprints.
    var prefixes: [PathOwner] = []
  }

  /// A blueprint without routes.
  ///
  /// - Parameters:
  ///   - name: its name, for logs.
  ///   - host: the hosts that its routes are for, `api.example.com`, where they are for some alone: see
  ///     ``Scaffold/host(_:name:_:)``. One that is malformed ends the program, and so does a blueprint for some hosts
  ///     in one for others.
  public init(_ name: String, host: String? = nil) {
    self.name = name
    switch host.map(HostPattern.parse) {
    case .failure(let problem): fatalError(problem.description)
    case .success(let pattern): self.host = pattern
    case nil: self.host = nil
    }
    let parts = Guarded(Parts())
    self.parts = parts
    _scaffold = _ScaffoldState { record in parts.withLock { $0.routes.append((record, record.path, nil, [])) } }
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
    scoped.routes = scoped.routes.map { record, path, host, scopes in
      // The blueprint's own root is the prefix itself.
      (record, path == "/" && !prefix.isEmpty ? prefix : prefix + path, within(host), [_scaffold] + scopes)
    }
    scoped.prefixes = scoped.prefixes.map {
      PathOwner(host: within($0.host), prefix: prefix + $0.prefix, scopes: [_scaffold] + $0.scopes)
    }
    scoped.prefixes.append(PathOwner(host: host, prefix: prefix, scopes: [_scaffold]))
    return scoped
  }

  /// The hosts of a part of it.
  private func within(_ inner: HostPattern?) -> HostPattern? {
    guard let host, let inner else { return inner ?? host }
    fatalError("the blueprint '\(name)' is for the host '\(host.text)', and has a part for '\(inner.text)'")
  }
}

extension App {
  /// Registers a blueprint's routes below a path that ends with no slash.
  public func register(_ blueprint: Blueprint, at prefix: String) {
    let parts = blueprint.scoped(prefix)
    for (record, path, host, scopes) in parts.routes { add(record, path, host: host, scopes: scopes) }
    for owner in parts.prefixes { routes.add(owner) }
  }
}

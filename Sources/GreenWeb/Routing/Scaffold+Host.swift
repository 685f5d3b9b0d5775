extension Scaffold {
  /// Adds routes for the requests of some hosts alone, with middleware, hooks and error handlers of their own: a
  /// blueprint in place.
  ///
  /// ```swift
  /// app.host("api.example.com") { api in
  ///   api.get("/notes/{id}") { (_, id: Int) in try notes.find(id) }
  /// }
  /// app.host("{tenant}.example.com") { site in
  ///   site.get("/") { (_, tenant: String) in try page(of: tenant) }
  /// }
  /// ```
  ///
  /// `{name}` stands for one label of the host, and `*` or `{name...}` at its beginning for one or several. What they
  /// stand for, in lower case, are the first of the request's parameters: a handler takes them before those of its
  /// path, or leaves them to `Request.parameters`. Case, a port and a dot at the end make no difference.
  ///
  /// The host is `Request.host`, which clients choose: where `*` takes any of them, and pages or mails repeat it,
  /// `App.hosts` says which are served at all.
  ///
  /// Routes of a host go before those that are for none in particular, and of two hosts those of the one that says more: an
  /// exact name before `{name}`, and that before `*`. Where they have no route for a path and its method, the others
  /// are asked. Requests for a host that nothing is said of have the routes that are for none.
  ///
  /// - Parameters:
  ///   - pattern: the hosts, without a port; one that is malformed ends the program.
  ///   - name: the blueprint's, for logs; the pattern where it is not given.
  ///   - body: adds the routes. What it does with the blueprint later counts too, except for routes.
  @discardableResult
  public func host(_ pattern: String, name: String? = nil, _ body: (Blueprint) throws -> Void) rethrows -> Blueprint {
    let blueprint = Blueprint(name ?? pattern, host: pattern)
    try body(blueprint)
    register(blueprint)
    return blueprint
  }
}

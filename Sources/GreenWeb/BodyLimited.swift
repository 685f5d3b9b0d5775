public import GreenHTTP

/// An application, or a blueprint, to which routes are added whose requests may have longer bodies, or only shorter ones, than
/// the server's limit says. Made by ``Scaffold/limit(body:)``.
public final class BodyLimited: Scaffold {
  /// Where the routes, hooks and error handlers are kept: those of what it was made of.
  public let _scaffold: _ScaffoldState

  init(_ scaffold: _ScaffoldState, to bytes: Int) { _scaffold = _ScaffoldState(limiting: scaffold, to: bytes) }
}

extension Scaffold {
  /// The same application or blueprint, for adding routes whose requests' bodies may have so many bytes, whatever
  /// `--limit-request-body` says; 0 for any number. A longer body is answered with `413` without being read.
  ///
  /// ```swift
  /// app.limit(body: 100 << 20).post("/pictures") { request in try save(request.body) }
  /// ```
  public func limit(body bytes: Int) -> BodyLimited { BodyLimited(_scaffold, to: max(0, bytes)) }
}

extension App {
  /// The limit of the route that a request has. See ``Scaffold/limit(body:)``.
  public func bodyLimit(for request: Request) -> Int? {
    routes.withTable { table in try? table.find(request) }?.handler.bodyLimit
  }
}

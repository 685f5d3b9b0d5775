internal import Green
public import GreenHTTP

extension App {
  /// Answers a request by its route. May park, as handlers and hooks may. An error that nobody handles is logged and
  /// answered with `500`; so this throws nothing.
  public func respond(to request: Request) -> Response {
    withDispatcher { dispatcher in
      guard let route = dispatcher.core.table.plainRoute(for: request) else { return dispatcher.answer(request) }
      // Unsafe: the table that holds the route lives as long as the application.
      return route._withUnsafeGuaranteedRef { route in
        request.noteRoute(route.label)
        let response: Response
        do {
          response = try route.call(request)
        } catch {
          return dispatcher.core.finish(request, route, .failure(error))
        }
        // The handler has asked for something to be done with its answer, perhaps.
        return request.hasNotes ? dispatcher.core.finish(request, route, .success(response)) : response
      }
    }
  }

  /// Answers a request that the server refuses by the application's error handlers, in its middleware. Its hooks after a
  /// response and its teardown follow, as after a path without a route; no hook before a request is called.
  public func respond(to request: Request, refusedWith error: HTTPError) -> Response {
    withDispatcher { $0.answer(request, refusedWith: error) }
  }

  /// The limit of the route that a request has. See ``Route/limit(body:time:)``.
  public func bodyLimit(for request: Request) -> Int? { route(of: request)?.bodyLimit }

  /// What answers a request; `nil` where it has no route.
  func route(of request: Request) -> RoutePipeline? { withDispatcher { $0.core.route(of: request) } }

  /// Calls `body` with what answers the application's requests.
  @inline(__always)
  private func withDispatcher<Result>(_ body: (Dispatcher) -> Result) -> Result {
    guard let inForce = routes.inForce else { return body(makeDispatcher()) }
    return inForce._withUnsafeGuaranteedRef { body($0) }
  }

  @inline(never)
  private func makeDispatcher() -> Dispatcher {
    routes.makeDispatcher { routes, owners in Dispatcher(routes, owners: owners, of: _scaffold, log: log) }
  }
}

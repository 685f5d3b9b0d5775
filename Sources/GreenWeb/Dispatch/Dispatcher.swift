internal import GreenHTTP
internal import HTTPTypes

/// What answers an application's requests: the table of its routes, and what is called for those that have none. Made once of all
/// that was added, and never changed.
final class Dispatcher: Sendable {
  /// What lies inside the application's middleware.
  let core: RoutedCore
  /// The application's middleware around the rest; `nil` where there is none. It throws nothing.
  private let chain: Responder?
  /// The form of JSON, where it is another than the default.
  private let json: JSONOptions?

  init(
    _ routes: [RouteEntry], owners: [PathOwner], of application: _ScaffoldState, log: RequestLog
  ) {
    let hooks = application.current
    let core = RoutedCore(routes, owners: owners, hooks, log: log)
    self.core = core
    json = hooks.json
    let middleware = hooks.applicationMiddleware
    guard !middleware.isEmpty else {
      chain = nil
      return
    }
    let end: Responder = { core.answer($0) }
    chain = middleware.reversed().reduce(end) { inner, one in
      let next = Next(inner)
      let outer: Responder = { request in
        do { return try one.respond(to: request, next: next) } catch { return core.answer(error, of: request) }
      }
      return outer
    }
  }

  /// Answers a request whose route is not a plain one.
  func answer(_ request: Request) -> Response {
    if let json { request[JSONOptions.key] = json }
    guard let chain else { return core.answer(request) }
    // What middleware asks of the request, such as its route, is known before it runs.
    request.noteMatch(core.find(request))
    return answer(request, through: chain)
  }

  /// Answers a request that the server refuses: hooks before it are not called.
  func answer(_ request: Request, refusedWith error: HTTPError) -> Response {
    if let json { request[JSONOptions.key] = json }
    let pipeline = RoutePipeline(core.owner(of: request), withoutBefore: true) { _ in throw error }
    guard let chain else { return core.pass(request, pipeline) }
    request.noteMatch(pipeline)
    return answer(request, through: chain)
  }

  private func answer(_ request: Request, through chain: Responder) -> Response {
    do { return try chain(request) } catch { return core.answer(error, of: request) }
  }
}

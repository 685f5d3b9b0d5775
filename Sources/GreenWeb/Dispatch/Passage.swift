internal import GreenHTTP
internal import HTTPTypes

/// One request on its way, in Flask's order: the hooks before it, its handler, the handlers of errors, the hooks after it, the
/// teardown.
struct Passage {
  private let request: Request
  private let pipeline: RoutePipeline
  private let log: RequestLog
  /// The error that nobody handled.
  private var unhandled: (any Error)?

  init(_ request: Request, by pipeline: RoutePipeline, log: RequestLog) {
    self.request = request
    self.pipeline = pipeline
    self.log = log
  }

  /// Calls the hooks before the request, and its handler where none of them answers.
  mutating func answer() -> Response {
    do {
      for hook in pipeline.before { if let response = try hook(request) { return response } }
      return try pipeline.call(request)
    } catch {
      return answer(error)
    }
  }

  // MARK: Errors

  /// Has an error answered: by the innermost handler that is for it.
  mutating func answer(_ error: any Error) -> Response {
    do {
      if let response = try handled(error) { return response }
      if let error = error as? HTTPError { return Response(error) }
      if let error = error as? any (Error & ResponseConvertible) { return try error.response(for: request) }
      return fail(error)
    } catch {
      return fail(error)
    }
  }

  private func handled(_ error: any Error) throws -> Response? {
    for handlers in pipeline.errors {
      if let response = try handlers.response(to: error, request) { return response }
    }
    return nil
  }

  /// An error that nobody handles.
  private mutating func fail(_ error: any Error) -> Response {
    unhandled = error
    if !request.isGivenUp(error) {
      request.noteFailure()
      log.error(request, " failed: \(error)")
      if log.showsFaults(), request.isFromThisMachine { return FaultReport(error, request).response }
    }
    let failure = HTTPError(.internalServerError, underlying: error)
    do {
      return try handled(failure) ?? Response(failure)
    } catch {
      log.error(request, ": the handler of status 500 failed: \(error)")
      return Response(failure)
    }
  }

  // MARK: After the response

  /// Calls the hooks after the response, and the teardown.
  mutating func leave(_ response: Response) -> Response {
    var response = response
    do {
      if request.hasNotes { for hook in request.take(Keys.after) { response = try hook(response) } }
      for hook in pipeline.after { response = try hook(request, response) }
    } catch {
      response = fail(error)
    }
    for hook in pipeline.teardown { tearDown { try hook(request, unhandled) } }
    for hook in pipeline.contextTeardown { tearDown { try hook(unhandled) } }
    return response
  }

  private func tearDown(_ hook: () throws -> Void) {
    do {
      try hook()
    } catch {
      log.error(request, ": a teardown hook failed: \(error)")
    }
  }

  /// What handlers have asked to be done with their answers.
  enum Keys {
    static let after = RequestKey<[@Sendable (Response) throws -> Response]>([])
  }
}

internal import HTTPTypes

extension Application {
  /// The application's answer as a connection sends it: an ``HTTPError`` is the response that it stands for, another error
  /// is reported and answered with `500`. Meanwhile ``Request/currentID`` is the request's. May park, as
  /// ``respond(to:)`` may.
  ///
  /// - Parameters:
  ///   - request: what is asked for.
  ///   - report: called with an error that was answered with `500`.
  public func answer(_ request: Request, report: (any Error) -> Void) -> Response {
    // There is no connection that could be handed over.
    BoundRequest.during(request.storage) { settled(request, mayUpgrade: false, report) { try respond(to: request) } }
  }

  /// As ``answer(_:report:)`` where what the request came on may go on in another protocol.
  package func answerOrUpgrade(_ request: Request, report: (any Error) -> Void) -> Response {
    BoundRequest.during(request.storage) { answerBound(request, report: report) }
  }

  /// As ``answer(_:report:)`` for a request that the server refuses.
  package func answer(_ request: Request, refusedWith error: HTTPError, report: (any Error) -> Void) -> Response {
    BoundRequest.during(request.storage) { answerBound(request, refusedWith: error, report: report) }
  }

  /// As ``answer(_:report:)`` where ``Request/currentID`` is the request's already, and the connection's protocol may change.
  @inline(__always)
  func answerBound(_ request: Request, report: (any Error) -> Void) -> Response {
    settled(request, mayUpgrade: true, report) { try respond(to: request) }
  }

  /// As ``answer(_:report:)`` for a request that the server refuses.
  func answerBound(_ request: Request, refusedWith error: HTTPError, report: (any Error) -> Void) -> Response {
    settled(request, mayUpgrade: false, report) { try respond(to: request, refusedWith: error) }
  }

  @inline(__always)
  private func settled(
    _ request: Request, mayUpgrade: Bool, _ report: (any Error) -> Void, _ respond: () throws -> Response
  ) -> Response {
    let response: Response
    do {
      response = try respond()
    } catch let error as HTTPError {
      response = Response(error)
    } catch {
      return Self.failed(error, request.isGivenUp(error) ? { _ in } : report)
    }
    // 1xx is not a final answer (RFC 9110, 15.2): the client would wait for another. Above 599 there is no class.
    guard (200...599).contains(response.status.code) || (mayUpgrade && response.upgrade != nil) else {
      return Self.failed(UnfitStatus(status: response.status.code), report)
    }
    return response
  }

  private static func failed(_ error: any Error, _ report: (any Error) -> Void) -> Response {
    report(error)
    return Response("Internal Server Error", status: .internalServerError)
  }
}

/// What is reported when a handler answers with a status that cannot be sent as the answer.
private struct UnfitStatus: Error, CustomStringConvertible {
  let status: Int
  var description: String { "a handler answered with status \(status), which is not a final answer's: 200 to 599" }
}

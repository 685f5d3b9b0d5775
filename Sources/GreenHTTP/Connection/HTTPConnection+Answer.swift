internal import Green
internal import HTTPTypes

extension HTTPConnection {
  /// Has the application answer one request, and sends the answer. False when the connection ends with it.
  ///
  /// Not inlined, so that its reference to the storage is gone when `serve` asks whether the handler has kept one.
  @inline(never)
  func answer(_ storage: RequestStorage) -> Bool {
    let state = storage.state
    observer?.requestStarted(
      line: storage.bytes(
        state.pointee.head.start,
        state.pointee.head.target + state.pointee.head.targetLength - state.pointee.head.start))
    let wantsAccess = observer?.wantsAccess ?? false
    let began = wantsAccess ? Deadline.now : .never
    let request = Request(storage)
    let response = bindsRequests ? respond(in: storage) : respond(to: request)

    let keep =
      keepsAlive && state.pointee.head.wantsKeepAlive && canDrain(state.pointee.body)
      && !(observer?.shouldClose ?? false) && !(response.headers.isEmpty ? false : response.asksToClose)
    let sent: Int
    do {
      sent = try send(response, to: state.pointee.head, keep: keep)
    } catch {
      return false
    }
    if wantsAccess {
      let duration = Duration.nanoseconds(Deadline.now.nanoseconds - began.nanoseconds)
      observer?.requestFinished(request, status: response.status, bodyBytes: sent, duration: duration)
    }
    let body = state.pointee.body
    if keep { return body.remaining == body.buffered || drain(storage) }
    let used = state.pointee.headLength + body.received
    if body.remaining > body.buffered || state.pointee.buffer.bytes.count > used { linger() }
    return false
  }

  /// ``respond(to:)``, with the request known to all code that works for it.
  ///
  /// Not inlined: see ``answer(_:)``.
  @inline(never)
  private func respond(in storage: RequestStorage) -> Response {
    BoundRequest.$current.withValue(BoundRequest(storage: storage)) { respond(to: Request(storage)) }
  }

  /// The application's answer, or the one to its error.
  @inline(__always)
  private func respond(to request: Request) -> Response {
    let response: Response
    do {
      response = try application.respond(to: request)
    } catch let error as HTTPError {
      response = Response(error)
    } catch {
      return failure(request, error)
    }
    // 1xx is no final answer (RFC 9110, 15.2): the client would wait for another.
    if response.status.code < 200 {
      return failure(request, InformationalResponse(status: response.status.code))
    }
    return response
  }

  @inline(never)
  private func failure(_ request: Request, _ error: any Error) -> Response {
    observer?.requestFailed(request, error)
    return Response("Internal Server Error", status: .internalServerError)
  }

  /// Answers a request that breaks a rule. What follows on the connection cannot be told apart, so it ends.
  @inline(never)
  func refuse(_ fault: HeadFault, _ storage: RequestStorage) {
    observer?.requestRefused(fault.status, reason: fault.reason)
    let sent = try? send(Response(fault.reason, status: fault.status), to: storage.state.pointee.head, keep: false)
    if sent != nil { linger() }
  }
}

/// What is reported when a handler answers with a status below 200.
struct InformationalResponse: Error, CustomStringConvertible {
  let status: Int
  var description: String { "a handler answered with status \(status), which is no final answer" }
}

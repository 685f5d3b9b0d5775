internal import Green
internal import HTTPTypes
internal import SystemPackage

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
    let response = application.answer(request) { observer?.requestFailed(request, $0) }

    var keep =
      !(observer?.shouldClose ?? false) && keepsAlive && state.pointee.head.wantsKeepAlive
      && canDrain(state.pointee.body) && !(response.headers.isEmpty ? false : response.asksToClose)
    if state.pointee.head.version == .http1_0 && response.body.count == nil { keep = false }
    let sent: Int
    do {
      if case .stream(let body) = response.body {
        sent = try BoundRequest.during(storage) {
          try send(response, streaming: body, to: state.pointee.head, keep: keep)
        }
      } else {
        sent = try send(response, to: state.pointee.head, keep: keep)
      }
    } catch {
      // A client that has gone away is no failure of the application.
      if case .stream = response.body, !(error is Errno) {
        ending = .byServer
        observer?.requestFailed(request, error)
      }
      return false
    }
    if wantsAccess {
      let duration = Duration.nanoseconds(Deadline.now.nanoseconds - began.nanoseconds)
      observer?.requestFinished(request, status: response.status, bodyBytes: sent, duration: duration)
    }
    let body = state.pointee.body
    if keep { return body.remaining == body.buffered || drain(storage) }
    let used = state.pointee.headLength + body.received
    if body.remaining > body.buffered || state.pointee.buffer.bytes.count > used {
      ending = .early
    } else if state.pointee.head.wantsKeepAlive {
      // A client that has asked for the end sends no more (RFC 9112, 9.6); another may be about to.
      ending = .byServer
    }
    return false
  }

  /// Answers a request that breaks a rule. What follows on the connection cannot be told apart, so it ends.
  @inline(never)
  func refuse(_ fault: HeadFault, _ storage: RequestStorage) {
    observer?.requestRefused(fault.status, reason: fault.reason)
    let sent = try? send(Response(fault.reason, status: fault.status), to: storage.state.pointee.head, keep: false)
    if sent != nil { ending = .early }
  }
}

internal import Green
internal import HTTPTypes
internal import SystemPackage

extension HTTPConnection {
  /// Has the application answer one request, and sends the answer. False when the connection ends with it.
  ///
  /// Not inlined, so that its reference to the storage is gone when `serve` asks whether the handler has kept one.
  @inline(never)
  func answer(_ request: Request) -> Bool {
    request.storage.isBetweenRequests.store(false, ordering: .releasing)
    observer?.requestStarted(request, line: request.lineBytes)
    let began = observer?.wantsAccess ?? false ? Deadline.now : .never
    if requestNanoseconds > 0 { return answerInTime(request, began: began) }
    exchange.pointee.isHandled = true
    let response = application.answerBound(request) { observer?.requestFailed(request, $0) }
    exchange.pointee.isHandled = false
    if let upgrade = response.upgrade { return answer(request, upgradingWith: response, upgrade, began: began) }
    return conclude(request, response, began: began)
  }

  /// Sends an answer. False when the connection ends with it.
  ///
  /// - Parameter began: when the handler did, where that is wanted.
  @inline(__always)
  func conclude(_ request: Request, _ response: borrowing Response, began: Deadline) -> Bool {
    let state = request.storage.state
    var keep =
      !(observer?.shouldClose ?? false) && keepsAlive
      && exchange.pointee.parser.wantsKeepAlive(state.pointee.head.version)
      && canDrain(exchange.pointee.body) && !(response.headers.isEmpty ? false : response.asksToClose)
    if state.pointee.head.version == .http1_0 && response.body.count == nil { keep = false }
    let sent: Int
    do {
      // What follows a chunked body lies elsewhere, and an unread one is skipped in the buffer's memory.
      let isFollowed =
        keep && state.pointee.buffer.bytes.count > used && exchange.pointee.body.isReceived
        && !exchange.pointee.body.isChunked
      sent = try deliver(response, to: state.pointee.head, keep: keep, isFollowed: isFollowed)
    } catch {
      brokenOff(request, response, error, began: began)
      return false
    }
    noteFinished(request, response, bodyBytes: sent, began: began)
    if keep { return exchange.pointee.body.isReceived || drain() }
    if !exchange.pointee.body.isReceived || !following(request.storage).isEmpty {
      ending = .early
    } else {
      // A client that has asked for the end should send no more (RFC 9112, 9.6); another may be about to.
      ending = .byServer
    }
    return false
  }

  /// Tells the observer of an answer that could not be sent whole: what the handler did is done all the same.
  @inline(never)
  private func brokenOff(_ request: Request, _ response: borrowing Response, _ error: any Error, began: Deadline) {
    // A client that has gone away is not a failure of the application, nor is a body that does not come as it should.
    let isOfClient = hasLostClient && (error is Errno || error is any StreamFailure)
    if case .stream = response.body.content, !isOfClient, !request.isGivenUp(error) {
      ending = .byServer
      if !(error is HTTPError && exchange.pointee.body.isBroken) { observer?.requestFailed(request, error) }
    }
    noteFinished(request, response, bodyBytes: sentOfBroken, began: began)
  }

  /// Tells the observer of an answer that has been sent.
  @inline(__always)
  func noteFinished(_ request: Request, _ response: borrowing Response, bodyBytes: Int, began: Deadline) {
    if began == .never { return }
    let duration = Duration.nanoseconds(Deadline.now.nanoseconds - began.nanoseconds)
    observer?.requestFinished(request, response: response, bodyBytes: bodyBytes, duration: duration)
  }

  /// Sends an answer of either kind. Returns how many bytes of body went out.
  @inline(__always)
  private func deliver(
    _ response: borrowing Response, to head: borrowing RequestHead, keep: Bool, isFollowed: Bool = false
  )
    throws -> Int
  {
    guard case .stream(let body) = response.body.content else {
      return try send(response, to: head, keep: keep, isFollowed: isFollowed)
    }
    return try send(response, streaming: body, to: head, keep: keep)
  }

  /// Answers a request that breaks a rule. What follows on the connection cannot be told apart, so it ends.
  @inline(never)
  func refuse(_ fault: HeadFault, _ storage: RequestStorage) {
    if beginsHTTP2(storage) { return }
    let state = storage.state
    storage.isBetweenRequests.store(false, ordering: .releasing)
    let error = HTTPError(fault.status, fault.reason)
    state.pointee.body.begin(length: 0)
    exchange.pointee.body = IncomingBody()
    exchange.pointee.chunks = nil
    let request = exchange.pointee.parser.hasRequestLine ? Request(storage) : nil
    let response =
      request.map { request in
        application.answerBound(request, refusedWith: error) { observer?.requestFailed(request, $0) }
      } ?? Response(error)
    let sent = try? deliver(response, to: state.pointee.head, keep: false)
    observer?.requestRefused(
      request, status: response.status, reason: "\(fault.reason) (\(fault.status.code))", bodyBytes: sent ?? 0)
    if sent != nil { ending = .early }
  }
}

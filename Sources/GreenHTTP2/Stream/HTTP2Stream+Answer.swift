internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// The answer to a request, made in its fiber.
extension HTTP2Stream {
  /// Has the application answer, and hands the answer over to be sent.
  func respond(to head: RequestAssembly.Head, on connection: HTTP2Connection) {
    let request = Request(head.storage)
    if let fault = head.fault ?? (incoming.isDeclaredTooLong ? .bodyTooLong : nil) {
      return refuse(request, fault, isKnown: head.hasRequestLine, on: connection)
    }
    let observer = connection.observer
    observer?.requestStarted(request, line: request.lineBytes)
    answer.began = observer?.wantsAccess ?? false ? .now : .never
    answer.mayOpenTunnel = head.asksForTunnel
    let time = connection.configuration.requestTimeout
    guard time > .zero else { return conclude(request, makeAnswer(to: request, on: connection), on: connection) }
    let response = makeAnswer(to: request, within: time, on: connection)
    // What is spoken over a tunnel has a time of its own.
    if response.upgrade != nil { return conclude(request, response, on: connection) }
    inTime(answer.deadline) { conclude(request, response, on: connection) }
  }

  private func makeAnswer(to request: Request, on connection: HTTP2Connection) -> Response {
    connection.application.answerOrUpgrade(request) { self.failed(request, $0, connection.observer) }
  }

  /// The application's answer, or another where it takes too long.
  private func makeAnswer(to request: Request, within time: Duration, on connection: HTTP2Connection) -> Response {
    let start = Deadline.now
    answer.deadline = start.advanced(by: time)
    let response = inTime(answer.deadline) { makeAnswer(to: request, on: connection) }
    guard answer.deadline.hasPassed else { return response }
    connection.observer?.requestTimedOut(
      request, after: .nanoseconds(Deadline.now.nanoseconds - start.nanoseconds))
    answer.deadline = .never
    return connection.application.answer(request, refusedWith: .tookTooLong) {
      self.failed(request, $0, connection.observer)
    }
  }

  private func conclude(_ request: Request, _ response: Response, on connection: HTTP2Connection) {
    let observer = connection.observer
    // Nobody waits for it any more; what the handler did is done all the same.
    if isAbandoned {
      observer?.answerGoesOn()
      note(response)
      return tell(observer, of: request)
    }
    if observer?.shouldClose ?? false || response.asksToClose || connection.configuration.keepAlive == .zero {
      connection.announceEnd()
    }
    guard let upgrade = response.upgrade else { return deliver(response, to: request) }
    guard answer.mayOpenTunnel, request.header(.upgrade)?.lists(upgrade.name.lowercased()) ?? false else {
      let error = HTTPError(.upgradeRequired, "this is served in the protocol \(upgrade.name) only")
      return deliver(Response(error), to: request)
    }
    if observer?.isStopping ?? false {
      return deliver(Response(HTTPError(.serviceUnavailable, "the server is stopping")), to: request)
    }
    speak(upgrade, after: response, to: request, on: connection)
  }

  private func refuse(_ request: Request, _ fault: HeadFault, isKnown: Bool, on connection: HTTP2Connection) {
    connection.nuisance.lostRequest()
    answer.refusal = ("\(fault.reason) (\(fault.status.code))", isKnown)
    let error = HTTPError(fault.status, fault.reason)
    guard isKnown else { return deliver(Response(error), to: request) }
    deliver(
      connection.application.answer(request, refusedWith: error) { self.failed(request, $0, connection.observer) },
      to: request)
  }

  /// Tells the log of an error. One in a handler that was given up is the giving up's.
  func failed(_ request: Request, _ error: any Error, _ observer: (any HTTPConnectionObserver)?) {
    if !isAbandoned { observer?.requestFailed(request, error) }
  }

  // MARK: Sending

  private func deliver(_ response: Response, to request: Request) {
    guard let connection else { return }
    let sendsBody = !response.status.isBodiless && !response.status.isReset && request.knownMethod != .head
    let stream = sendsBody ? response.body.stream : nil
    let hasBody = sendsBody && response.body.count != 0
    if hasBody && stream == nil { outgoing.begin(response.body) }
    submit(response, contentLength: response.announcedLength(sendsBody: sendsBody), hasBody: hasBody, on: connection)
    if hasBody, let stream { write(stream, for: request, on: connection) }
  }

  /// Hands the head over, and says where the body is to come from.
  func submit(_ response: Response, contentLength: Int?, hasBody: Bool, on connection: HTTP2Connection) {
    connection.fields.begin(response, contentLength: contentLength)
    note(response)
    answer.isSubmitted = true
    connection.session.submit(connection.fields, hasBody ? self : nil, to: id)
    connection.submitted()
  }

  /// Notes what the observer is told.
  private func note(_ response: Response) {
    answer.status = response.status
    if answer.began != .never { answer.response = response }
  }

  private func write(_ body: StreamedBody, for request: Request, on connection: HTTP2Connection) {
    let turn = Mutex(())
    do {
      let trailers = try body.write(for: request) { piece in
        connection.observer?.answerGoesOn()
        // Several fibers may write: each piece stays whole.
        try turn.withLock(until: .never) { _ in try self.write(piece) }
      }
      connection.observer?.answerGoesOn()
      endBody(trailers: trailers)
    } catch {
      // A child that the function has forked fails alone: the stream is its parent's.
      connection.observer?.answerGoesOn()
      failed(request, error, connection.observer)
      self.connection?.session.reset(id, .internalError)
      self.connection?.submitted()
    }
  }

  /// Adds a piece to the body. Parks while there is no room for it.
  func write(_ piece: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    var rest = piece
    while !rest.isEmpty {
      let count = try writeWithoutWaiting(rest)
      if count == 0 { try outgoing.prepareToWait().wait(until: deadline) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Adds as much of a piece as there is room for, and says how much that was.
  func writeWithoutWaiting(_ piece: UnsafeRawBufferPointer) throws -> Int {
    guard connection != nil, !outgoing.hasEnded else { throw Errno.brokenPipe }
    let count = min(piece.count, outgoing.free)
    if count > 0 {
      outgoing.append(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      resume()
    }
    return count
  }

  /// Ends the body.
  func endBody(trailers: HTTPFields = [:]) {
    if outgoing.hasEnded { return }
    outgoing.end(trailers: trailers)
    resume()
  }

  /// There is more to send, or the end.
  private func resume() {
    guard let connection else { return }
    if outgoing.takeDeferral() { connection.session.resume(id) }
    connection.submitted()
  }

  // MARK: Sent

  /// The end of the answer has been put on its way.
  func answerSent() {
    guard let connection, !answer.isSent else { return }
    answer.isSent = true
    connection.nuisance.answered()
    if let storage { tell(connection.observer, of: Request(storage)) }
    guard !connection.session.hasEnded(id) else { return }
    // RFC 9113, 8.1: the rest of the body is of no use, and the client is told so.
    connection.session.consume(id, incoming.takeAll())
    if !incoming.discard() { connection.session.reset(id, .none) }
  }

  /// An answer that is under way will not be sent whole.
  func tellIfBrokenOff(_ observer: (any HTTPConnectionObserver)?) {
    if answer.isSubmitted, let storage { tell(observer, of: Request(storage)) }
  }

  private func tell(_ observer: (any HTTPConnectionObserver)?, of request: Request) {
    guard let observer, !answer.isTold else { return }
    answer.isTold = true
    defer { answer.response = nil }
    if let refusal = answer.refusal {
      return observer.requestRefused(
        refusal.isRequestKnown ? request : nil, status: answer.status, reason: refusal.reason,
        bodyBytes: outgoing.bodyBytes)
    }
    if answer.began == .never { return }
    observer.requestFinished(
      request, response: answer.response ?? Response(status: answer.status), bodyBytes: outgoing.bodyBytes,
      duration: .nanoseconds(Deadline.now.nanoseconds - answer.began.nanoseconds))
  }
}

extension Response {
  /// What `Content-Length` says: RFC 9110, 8.6. `nil` for no such field.
  fileprivate func announcedLength(sendsBody: Bool) -> Int? {
    if status.isBodiless { return status.code == 304 && body.count == 0 ? statedContentLength : nil }
    if status.isReset { return 0 }
    // A handler may state the length for HEAD that it does not care to make.
    if !sendsBody && body.count == 0 { return statedContentLength ?? 0 }
    return body.count
  }
}

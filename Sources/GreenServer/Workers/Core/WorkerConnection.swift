import Glibc
import Green
import GreenHTTP
import HTTPTypes
import Logging

/// A connection as a worker keeps book of it. Each worker class adds what it needs.
class WorkerConnection: HTTPConnectionObserver {
  let context: WorkerContext
  let socket: Socket
  /// Requests that have begun on the connection.
  private(set) final var requests = 0
  /// Its place among the idle connections of its worker.
  final var idle = IdleLink()
  /// What HTTP is spoken over: the socket itself until what comes before HTTP has come.
  final var transport: ConnectionOpening.Stream
  /// Whether it has.
  final var isOpen: Bool

  init(_ socket: Socket, _ context: WorkerContext) {
    self.socket = socket
    self.context = context
    transport = socket
    isOpen = context.opening == nil
  }

  /// What the client's bytes come and go through.
  var stream: any ByteStream { transport }
  /// How it is served.
  var http: HTTPConfiguration { context.http }
  /// The thread may wait for the client, where ``stream`` is a ``ClientStream``.
  func clientWaitBegan() {}
  func clientWaitEnded() {}

  /// Serves the connection until it ends. The socket is still open then.
  ///
  /// - Returns: whether the client may still be sending, see ``HTTPConnection/serve()``.
  final func serve() -> Bool {
    if !isOpen {
      switch open() {
      case .ready: break
      case .notYet: return false
      case .refused: return true
      }
    }
    let outcome = HTTPConnection(
      stream: stream, application: context.application, configuration: http, observer: self
    ).serve()
    context.endIfChild()
    switch outcome {
    case .ended: return false
    case .stillSending:
      // The wait for a request may have been ended; what is to be read from now on is another matter.
      socket.resumeReceive()
      return true
    case .handedOver(let handedOver):
      speak(handedOver)
      // The last that was sent may be an error about what the client is still sending.
      socket.resumeReceive()
      return true
    }
  }

  /// Speaks the protocol that an answer has changed to, until it ends.
  private func speak(_ handedOver: HandedOverConnection) {
    context.handedOver.speak(handedOver) {
      context.logger.error("Error in the protocol \(LogText.escaped(handedOver.protocolName)): \($0)")
    }
    context.endIfChild()
  }

  /// Asked when the handler has returned. A child that it forked goes no further: two processes would answer.
  final var shouldClose: Bool {
    context.endIfChild()
    return closesNext
  }
  /// Whether the next answer shall be the connection's last.
  var closesNext: Bool { context.closesConnections }

  final var isStopping: Bool { context.slot.state == .draining }

  final func becameIdle() {
    context.endIfChild()
    waits()
  }
  /// The connection waits for a request.
  func waits() {}
  func becameBusy() {}
  func awaitsRestOfHead() {}
  func endsWaitForHead() {}

  /// Notes what the worker does, before the handler runs.
  func started(_ request: Request, _ line: UnsafeRawBufferPointer) {}
  /// The answer has been sent, or will be no more. Called where ``WorkerContext/wantsAccess``.
  func finished(_ request: Request) {}

  final func answerGoesOn() { context.endIfChild() }

  final func requestStarted(_ request: Request, line: UnsafeRawBufferPointer) {
    requests += 1
    if context.slot.countRequest() == context.quota.requests { context.noteQuota() }
    started(request, line)
  }

  final var wantsAccess: Bool { context.wantsAccess }

  final func requestFinished(_ request: Request, response: Response, bodyBytes: Int, duration: Duration) {
    if request.takeFailure() { context.meter?.failed() }
    noteAnswer(to: request, response.status, bodyBytes, response, nanoseconds: duration.wholeNanoseconds)
    finished(request)
  }

  /// Counts an answer, and writes a line of the access log, with what is known.
  private func noteAnswer(
    to request: Request?, _ status: HTTPResponse.Status, _ bodyBytes: Int, _ response: Response?, nanoseconds: Int64
  ) {
    context.meter?.countAnswer(status: status.code, bodyBytes: bodyBytes, nanoseconds: nanoseconds)
    context.accessLog?.write(
      AccessRecord(
        request, host: host(of: request), status: status.code, bodyBytes: bodyBytes, response: response,
        nanoseconds: nanoseconds))
  }

  final func requestFailed(_ request: Request, _ error: any Error) {
    context.meter?.failed()
    context.logger.error("Error handling request \(LogText.escaped(request.target)): \(error)")
  }

  final func requestTimedOut(_ request: Request, after duration: Duration) {
    context.meter?.timedOut()
    let seconds = Double(duration / .milliseconds(1)) / 1000
    context.logger.error("Request timed out after \(seconds) s: \(LogText.escaped(request.line))")
  }

  final func requestRefused(_ request: Request?, status: HTTPResponse.Status, reason: String, bodyBytes: Int) {
    context.meter?.refused()
    noteAnswer(to: request, status, bodyBytes, nil, nanoseconds: 0)
    noteFault("Invalid request", from: host(of: request), reason)
    if let request { finished(request) }
  }

  /// For whom a request is made, as logs tell it.
  private func host(of request: Request?) -> String {
    guard let request else { return AccessRecord.host(ofPeer: transport.peerDescription) }
    let client = request.client
    return client.isEmpty ? "-" : client
  }

  /// A line about a client that breaks a rule, of which there are no more than a few a second.
  final func noteFault(_ what: String, from host: String, _ reason: String) {
    let (isWritten, omitted) = context.refusals.withLock { $0.next(at: monotonicNanoseconds()) }
    if omitted > 0 { context.logger.warning("\(omitted) more invalid requests were not logged") }
    guard isWritten else { return }
    context.logger.warning("\(what) from ip=\(LogText.escaped(host)): \(reason)")
  }
}

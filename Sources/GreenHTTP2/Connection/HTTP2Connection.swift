internal import Green
internal import GreenHTTP
internal import SystemPackage

/// One connection that speaks HTTP/2 (RFC 9113), in a fiber: it receives, and each request is answered in a fiber of its own.
///
/// What is to be sent is put together by nghttp2 when it can be sent, and leaves in as few sends as may be: the answers of all
/// requests that came together go together. Only one fiber sends at a time, and none whose request may be given up.
final class HTTP2Connection: FrameSending {
  let stream: any ByteStream
  let application: any Application
  let observer: (any HTTPConnectionObserver)?
  let configuration: HTTPConfiguration
  let limits: HTTPLimits
  private(set) var session: Session!
  /// The requests in progress, by their streams' numbers, until the stream is closed.
  var streams: [Int32: HTTP2Stream] = [:]
  /// The fibers that answer requests: some may go on for a while after their stream has been closed.
  let handlers = HandlerCount()
  /// The request whose head or trailers are coming.
  let assembly: RequestAssembly
  var incomingHead: IncomingHead?
  let fields: FieldBlock
  let output = HTTP2Output()
  /// What the client has made the connection do for nothing.
  var nuisance = Nuisance()
  /// What nghttp2 last said about a frame, for the log.
  var complaint = ""
  var clock: ConnectionClock
  /// How fast the client must take what is sent.
  let sendPace: Pace
  /// Whether the client has been told that the connection ends.
  var ending = Ending.no

  enum Ending {
    case no
    /// The client was told to make no more requests; some may be under way until then.
    case announced(since: Deadline)
    /// Nothing that begins from now on is served.
    case final
  }

  /// `nil` where there is no memory.
  init?(
    stream: any ByteStream, application: any Application, configuration: HTTPConfiguration,
    observer: (any HTTPConnectionObserver)?
  ) {
    self.stream = stream
    self.application = application
    self.observer = observer
    self.configuration = configuration
    limits = configuration.limits
    assembly = RequestAssembly(configuration, peer: stream.peerDescription)
    fields = FieldBlock(serverName: configuration.serverName)
    clock = ConnectionClock(configuration)
    sendPace = Pace(patience: limits.writeDeadline, rate: limits.minimumRate)
    guard let session = Session(self, SessionLimits(configuration)) else { return nil }
    self.session = session
  }

  /// Serves until the client or the server ends the connection, and the last handler has returned. Parks meanwhile.
  ///
  /// - Parameter received: what has been received so far.
  func serve(received: UnsafeRawBufferPointer) -> ServingOutcome {
    let isClientGone = receive(after: received)
    for stream in streams.values { stream.giveUp() }
    handlers.waitUntilNone()
    finishOutput()
    // Whoever has kept a request needs none of this any more.
    for stream in streams.values { stream.leave() }
    streams = [:]
    return isClientGone || output.isBroken ? .ended : .stillSending
  }

  /// Receives until the connection ends. Returns whether the client has ended it.
  private func receive(after received: UnsafeRawBufferPointer) -> Bool {
    guard take(received) else { return false }
    let room = ReceiveRoom()
    defer { room.giveBack() }
    while session.wantsInput && !output.isBroken {
      // The end of an answer may be on its way when its stream is closed.
      if streams.isEmpty && !clock.isIdle && incomingHead == nil && !output.isUnderWay { becameIdle() }
      do {
        let count = try room.receive(from: stream, until: clock.nextLook(ending), isIdle: clock.isIdle)
        if count == 0 { return true }
        guard take(UnsafeRawBufferPointer(rebasing: room.bytes[..<count])) else { return false }
      } catch Errno.timedOut {
      } catch Errno.canceled {
        // The server wants the place of an idle connection, whose receives wait no more. What is on its way is still sent.
        endNow()
        return false
      } catch {
        return true
      }
      if clock.isLookDue(ending) { look() }
    }
    return false
  }

  /// Hands bytes to nghttp2, lets the requests begin that they bring, and sends what these have to say at once. False when
  /// the connection cannot go on.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    nuisance.received(bytes: bytes.count)
    if nuisance.isTooMuch { giveUp("too many frames that nobody knows") }
    let handlersBefore = handlers.started
    output.isHeldBack = true
    let fault = session.receive(bytes)
    if handlers.started != handlersBefore { Fiber.yield() }
    output.isHeldBack = false
    if let fault {
      refused("\(complaint.isEmpty ? fault.description : complaint)")
      return false
    }
    sendWhatIsThere()
    return true
  }

  private func becameIdle() {
    clock.becameIdle()
    if output.bytes.isEmpty { output.bytes = [] }
    observer?.becameIdle()
  }

  /// A request begins.
  func becameBusy() {
    guard clock.isIdle else { return }
    clock.becameBusy()
    observer?.becameBusy()
  }

  /// Tells the log what a client has done wrong.
  func refused(_ reason: String) {
    observer?.requestRefused(nil, status: .badRequest, reason: "HTTP/2: \(reason)", bodyBytes: 0)
  }

  /// The client takes nothing any more: whoever waits for it to send is let go.
  func broke() {
    (stream as? any HalfClosableByteStream)?.finishReceiving()
    for stream in Array(streams.values) { stream.giveUp() }
  }
}

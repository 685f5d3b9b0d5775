internal import Green
internal import HTTPTypes

/// One connection that speaks HTTP/1.1 (RFC 9112): requests in, answers out, in order, as blocking code.
///
/// ```swift
/// let connection = HTTPConnection(stream: socket, application: app)
/// if connection.serve().isStillSending { socket.linger() }
/// socket.close()
/// ```
///
/// In the steady state a request costs one receive, one send and no allocation. Between two requests the connection
/// holds no buffers, and a second later no more than one page of its stack.
public final class HTTPConnection {
  let stream: any ByteStream
  /// The same, where it can be waited for without a buffer.
  let waitable: (any WaitableByteStream)?
  let application: any Application
  let observer: (any HTTPConnectionObserver)?
  let limits: HTTPLimits
  let proxies: ProxyConfiguration
  /// Whether the peer is a proxy that is believed.
  private(set) lazy var trustsPeer = proxies.forwardedFrom.trusts(peer: stream.peerDescription)
  /// Whether the configuration lets a connection serve more than one request.
  let keepsAlive: Bool
  // Durations are 128 bits wide and take a division to turn into nanoseconds: that is done once.
  let idleNanoseconds: Int64
  let headNanoseconds: Int64
  let bodyNanoseconds: Int64
  /// 0 for any time.
  let requestNanoseconds: Int64
  /// How fast the client must send the body of the request in progress, and take the answer.
  let bodyPace: Pace
  let sendPace: Pace
  /// The request in progress: behind a pointer for the reason that ``RequestStorage/state`` gives.
  let exchange: UnsafeMutablePointer<Exchange>
  let output = OutputBuffer()
  let standardFields: StandardFields
  /// Answers that wait for the next; `nil` on a connection that has held none.
  var held: HeldAnswers?
  let configuration: HTTPConfiguration
  /// What serves the connection where its client speaks HTTP/2.
  let http2: (any HTTP2Service)?
  var changesToHTTP2 = false
  /// The answer that is being sent, where its body is made meanwhile.
  var streamedAnswer: StreamedAnswer?
  /// What requests know of the connection that are kept for longer than it waits for them.
  private var departed: DepartedOrigin?
  /// What becomes of the connection where it goes on in another protocol.
  var handedOver: HandedOverConnection?
  /// Who ends the connection.
  var ending = Ending.byClient
  /// Whether the stream has failed: an `Errno` that is thrown then is the client's, who has gone or is too slow, and not the
  /// application's.
  var hasLostClient = false
  /// How many bytes there were of a streamed body that was broken off.
  var sentOfBroken = 0

  enum Ending {
    /// The client, or nobody can know: it is gone.
    case byClient
    /// The server, which has read all that it was sent so far.
    case byServer
    /// The server, in the middle of what the client sends.
    case early
  }

  /// A connection over `stream`, which the caller keeps and closes.
  public init(
    stream: any ByteStream, application: any Application, configuration: HTTPConfiguration = HTTPConfiguration(),
    observer: (any HTTPConnectionObserver)? = nil
  ) {
    exchange = .allocate(capacity: 1)
    exchange.initialize(to: Exchange())
    self.stream = stream
    waitable = stream as? any WaitableByteStream
    self.application = application
    self.observer = observer
    limits = configuration.limits.bounded
    proxies = configuration.proxies
    keepsAlive = configuration.allowsKeepAlive && configuration.keepAlive > .zero
    headNanoseconds = limits.headDeadline.wholeNanoseconds
    // Without keep-alive there is only the first request to wait for, and a head's time is enough for that.
    let keepAliveNanoseconds =
      configuration.keepAlive > .zero ? configuration.keepAlive.wholeNanoseconds : headNanoseconds
    // Within what can be added to a time.
    idleNanoseconds = min(keepsAlive ? keepAliveNanoseconds : min(keepAliveNanoseconds, headNanoseconds), 1 << 60)
    requestNanoseconds = max(0, configuration.requestTimeout.wholeNanoseconds)
    bodyNanoseconds = limits.bodyDeadline.wholeNanoseconds
    bodyPace = Pace(patience: limits.bodyDeadline, rate: limits.minimumRate)
    sendPace = Pace(patience: limits.writeDeadline, rate: limits.minimumRate)
    standardFields = StandardFields(serverName: configuration.serverName)
    self.configuration = configuration
    // Each of its requests is a fiber.
    http2 = Hub.current == nil ? nil : configuration.http2?.service
  }

  deinit {
    exchange.deinitialize(count: 1)
    exchange.deallocate()
    output.deallocate()
    standardFields.deallocate()
  }

  /// Serves requests until the client or the server ends the connection, and returns then. Parks or blocks while it
  /// waits for the client, and as long as the application does. Throws nothing: an error of the stream ends the
  /// connection, one of the application is answered. The caller closes the stream.
  ///
  /// - Returns: what is to be done with the stream then.
  @discardableResult
  public func serve() -> ServingOutcome {
    if hasAgreedOnHTTP2 { return serveHTTP2(received: nil) }
    var storage = RequestStorage()
    announceMemory(of: storage)
    while let successor = BoundRequest.during(storage, { serveRequests(in: .passUnretained(storage)) }) {
      storage = successor
    }
    // What the kernel did not take at once is sent before the stream is closed.
    try? held?.release()
    if let handedOver { return .handedOver(handedOver) }
    if changesToHTTP2 { return serveHTTP2(received: storage) }
    return switch ending {
    case .byClient: .ended
    case .byServer: (stream as? any HalfClosableByteStream)?.hasUnread ?? false ? .stillSending : .ended
    case .early: .stillSending
    }
  }

  /// Serves the requests that come into one storage. It is bound to the task-local of the request once for all of them,
  /// since to bind costs two allocations.
  ///
  /// - Parameter storage: unmanaged, so that whoever holds it now, the task-local and the caller, does until this returns,
  ///   and any further holder is one that a handler has made.
  /// - Returns: the storage to go on with where a handler has kept the request; `nil` when the connection has ended.
  @inline(never)
  private func serveRequests(in storage: Unmanaged<RequestStorage>) -> RequestStorage? {
    storage._withUnsafeGuaranteedRef { $0.attach(to: self) }
    exchange.pointee.parser = HeadParser()
    let holders = storage.holderCount
    while storage._withUnsafeGuaranteedRef({ receiveHead(into: $0) && answer(Request($0)) }) {
      exchange.pointee.isFirst = false
      if storage.holderCount == holders {
        storage._withUnsafeGuaranteedRef {
          $0.prepareForNext(used: used)
          if exchange.pointee.body.isChunked { endChunks($0) }
        }
        exchange.pointee.parser = HeadParser()
      } else {
        // The handler has kept the request: it keeps these bytes, and the connection goes on with others.
        return storage._withUnsafeGuaranteedRef { storage in
          defer { detach(storage) }
          // Whoever reads on what has been answered has a part of the connection's bytes in hand.
          if storage.isBeingRead.load(ordering: .acquiring) { return nil }
          let next = storage.successor(used: used)
          if exchange.pointee.body.isChunked { endChunks(next) }
          return next
        }
      }
    }
    storage._withUnsafeGuaranteedRef { detach($0, isKept: storage.holderCount != holders) }
    return nil
  }

  /// How many bytes of the buffer belong to the request that has been answered.
  var used: Int {
    @inline(__always) get { exchange.pointee.headLength + exchange.pointee.body.received }
  }

  /// Leaves the storage to whoever holds the request.
  private func detach(_ storage: RequestStorage, isKept: Bool = true) {
    if isKept && departed == nil { departed = DepartedOrigin(self) }
    storage.withLock { storage.state.pointee.origin = isKept ? departed : nil }
  }

  /// Sends what is in the output buffer, and empties it.
  func flush() throws {
    defer { output.removeAll() }
    try withClient {
      if let held { try held.release() }
      try stream.send(output.bytes, pace: sendPace)
    }
  }

  /// The same, and `body` after it from where that lies: while the client takes its time, no copy of it is held.
  func flush(followedBy body: UnsafeRawBufferPointer) throws {
    defer { output.removeAll() }
    try withClient {
      if let held { try held.release() }
      try stream.send([output.bytes, body], pace: sendPace)
    }
  }

  /// Calls `body`, whose errors are the client's.
  @inline(__always)
  func withClient<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      hasLostClient = true
      throw error
    }
  }
}

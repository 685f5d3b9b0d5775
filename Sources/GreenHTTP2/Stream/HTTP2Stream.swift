internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// One request of a connection, and its answer: a stream of RFC 9113, 5. It is answered in a fiber of its own.
final class HTTP2Stream {
  let id: Int32
  /// `nil` once the stream is closed.
  private(set) var connection: HTTP2Connection?
  /// The way that the request came on, for as long as somebody keeps it.
  let transport: any ByteStream
  let limits: HTTPLimits
  /// The request, until the stream is closed.
  private(set) var storage: RequestStorage?
  var incoming: IncomingData
  var outgoing = OutgoingBody()
  /// How far the answer is.
  var answer = AnswerProgress()
  private var handler: Fiber<Void>?
  /// What is spoken over the stream in the place of HTTP, while it is.
  var tunnel: HandedOverConnection?

  init(_ id: Int32, _ connection: HTTP2Connection) {
    self.id = id
    self.connection = connection
    transport = connection.stream
    limits = connection.limits
    incoming = IncomingData(limits)
  }

  /// Whether nobody waits for the answer any more.
  var isAbandoned: Bool { connection == nil || isGivenUp }
  private var isGivenUp = false

  /// Begins to answer a request whose head has come.
  func begin(_ head: RequestAssembly.Head) {
    guard let connection else { return }
    storage = head.storage
    connection.streams[id] = self
    // What is spoken over a tunnel has no length, and no limit.
    let length = head.asksForTunnel ? .max : RequestBody(storage: head.storage).count
    let limit =
      length == 0 || head.asksForTunnel
      ? 0 : connection.application.bodyLimit(for: Request(head.storage)) ?? limits.body
    incoming.begin(declared: length, limit: limit, awaitsContinue: head.expectsContinue)
    connection.handlers.began()
    let fiber = Fiber<Void>.spawn(isolation: connection.configuration.isolation, name: "request") {
      self.respond(to: head, on: connection)
    }
    // No stack could be had; the fiber's own report says which setting allows more.
    if fiber.isFinished { connection.session.reset(id, .refusedStream) } else { handler = fiber }
    // One that is cancelled before it begins never runs.
    fiber.whenFinished { [handlers = connection.handlers] _ in handlers.ended() }
  }

  // MARK: Its end

  /// The stream is closed: answered, or taken back by the client.
  func closed() {
    guard let connection else { return }
    connection.session.consumeClosed(incoming.takeAll())
    if !answer.isSent {
      connection.nuisance.lostRequest()
      handler?.cancel()
      tellIfBrokenOff(connection.observer)
    }
    leave()
  }

  /// The connection ends: what has not been answered will not be.
  func giveUp() {
    isGivenUp = true
    if !answer.isSent {
      handler?.cancel()
      tellIfBrokenOff(connection?.observer)
    }
    incoming.fail(Self.clientGone)
    outgoing.room?.set()
  }

  /// Lets go of the connection.
  func leave() {
    incoming.fail(Self.clientGone)
    outgoing.abandon()
    (connection, handler, storage) = (nil, nil, nil)
  }

  private static var clientGone: HTTPError { HTTPError(.badRequest, "the client has gone before the body's end") }

  // MARK: What takes too long

  /// Looks after a client that takes the answer too slowly, or sends on and on after it. Called once a second.
  func look() {
    guard let connection else { return }
    if outgoing.isTakenTooSlowly(in: ConnectionClock.interval, limits) { connection.session.reset(id, .cancel) }
    if incoming.isDiscardedTooLong { connection.session.reset(id, .none) }
    if let tunnel, connection.observer?.isStopping ?? false, !answer.isTunnelTold {
      answer.isTunnelTold = true
      Fiber.spawn(name: "stop") { tunnel.stop() }
    }
  }
}

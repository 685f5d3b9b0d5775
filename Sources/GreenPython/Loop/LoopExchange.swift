import CGreenPython
import Green
import GreenHTTP
import HTTPTypes

/// An exchange whose application runs in an event loop, ASGI: its orders come one by one, and the connection's fiber carries
/// them out.
final class LoopExchange: Exchange, @unchecked Sendable {
  /// What the application orders.
  enum Order {
    case hints(HTTPFields)
    case start(AnswerHead, trailers: [HTTPField.Name])
    case write([UInt8], isLast: Bool)
    case file(OpenFile)
    case trailers(HTTPFields)
    case accept(subprotocol: String?, HTTPFields)
    case refuse
    case fail(any Error)
  }

  /// How much may lie here before the application is asked to wait, and how little before it may go on.
  static let highWater = 65_536
  static let lowWater = 16_384

  /// When the time of the request is over. A WebSocket has as much as it wants.
  private(set) lazy var deadline = timeOfRequest == .never || isWebSocket ? Deadline.never : timeOfRequest
  private let timeOfRequest = Fiber.currentDeadline

  private var orders = Backlog<Order>()
  private var queued = 0
  private var isBehind = false
  /// Where the connection's fiber waits for orders.
  private let server = Wakeup()
  /// Whether nothing comes of orders any more.
  private(set) var isOver = false
  /// Whether the connection goes on without the application, which may have more to say.
  private var isLetGo = false
  /// What the application wants to be told.
  private lazy var listener = LoopListener(self)
  private var hasListener = false
  /// What it speaks once it has been accepted as a WebSocket.
  var conversation: LoopConversation?

  var isWebSocket: Bool {
    request.method == .get && request.header(.upgrade).map { $0.lowercased() == "websocket" } ?? false
  }

  /// What the extension keeps with it.
  var context: UnsafeMutableRawPointer?

  // MARK: The application's side

  /// Returns whether more may be written.
  @discardableResult
  func give(_ order: Order) -> Bool {
    if isOver || isLetGo { return true }
    orders.append(order)
    if case .write(let bytes, _) = order { queued += bytes.count }
    server.tell()
    // Until it is told that it may go on: of several that send, who sends little must not undo what others wait for.
    if queued > Self.highWater { isBehind = true }
    return !isBehind
  }

  /// The next piece of the body is wanted; after its end, word that the client has gone.
  func want() {
    if isOver { return }
    if isLetGo { return tellOfEnd() }
    hasListener = true
    listener.want()
  }

  // MARK: The connection's side

  /// The next order. Parks until it is there.
  ///
  /// - Throws: `CancellationError` once the client has gone.
  func awaitOrder() throws -> Order {
    while true {
      if let order = orders.popFirst() { return order }
      if isOver { throw CancellationError() }
      try server.wait()
    }
  }

  /// The next order where it is there and is a piece of the body.
  func takeWrite() -> (bytes: [UInt8], isLast: Bool)? {
    guard case .write(let bytes, let isLast) = orders.first else { return nil }
    _ = orders.popFirst()
    return (bytes, isLast)
  }

  /// A piece has been sent.
  func sent(_ count: Int) {
    queued -= count
    guard isBehind, queued <= Self.lowWater else { return }
    isBehind = false
    LoopEvents.tell(GREENPYTHON_EVENT_DRAINED, self)
  }

  /// Tells the application, once, that nobody waits for its answer any more: the client has gone, or the request's time is over.
  func tellOfEnd(_ code: Int64 = 0, reason: UnsafeRawBufferPointer? = nil) {
    if isOver { return }
    isOver = true
    let isLate = !isLetGo && deadline.hasPassed
    LoopEvents.tell(
      isLate ? GREENPYTHON_EVENT_LATE : GREENPYTHON_EVENT_DISCONNECT, self, number: code, bytes: reason)
    server.tell()
  }

  /// The answer is whole: the connection goes on, and what the application still says concerns nobody.
  func letGo() {
    isLetGo = true
    if hasListener { listener.end() }
  }

  /// Nobody waits for the answer any more.
  func ended() {
    if hasListener { listener.end() }
    tellOfEnd()
  }

  /// The application was ended, since the time is over.
  func tookTooLong(_ failure: PythonFailure) {
    tellOutOfTime(failure)
    give(.fail(HTTPError.tookTooLong))
  }
}

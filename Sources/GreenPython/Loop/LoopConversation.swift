import CGreenPython
import Glibc
import Green
import GreenWebSocket

/// A WebSocket of an application in an event loop: one fiber receives and tells the loop, one sends what the loop has given.
final class LoopConversation {
  private enum Order {
    case message(WebSocketMessage)
    case close(CloseCode, String)
  }

  /// In bytes; gunicorn's default.
  static let longestMessage =
    PythonWorker.configuration.text(named: "websocket_max_message_size").flatMap { Int($0) } ?? 16 << 20

  /// How much the application is told of what it has not asked for, in bytes. Of what is compressed the kernel holds a
  /// thousand times as much as it has.
  private static let mostUnwanted = max(longestMessage, 1 << 20)
  /// What a message takes beside its bytes, at least.
  private static let messageCost = 256

  /// How often it is looked whether the peer is there, while a message is held back.
  private static let lookInterval = Duration.seconds(1)
  /// How many of these looks there are for each ping: the usual time of a WebSocket's.
  private static let looksPerPing = 30

  private unowned let exchange: LoopExchange
  private var orders = Backlog<Order>()
  private var queued = 0
  private var isBehind = false
  private var wanted = 0
  private let receiver = Wakeup()
  private let sender = Wakeup()
  private var isOver = false
  /// Whether the peer sends nothing any more. What it has sent is told of then, wanted or not.
  private var peerHasEnded = false
  /// How much has been told of since the application has asked for a message; and why no more of it is.
  private var unwanted = 0
  private var ownCode: CloseCode?

  /// What is ordered until ``run(_:)`` is done then.
  init(_ exchange: LoopExchange) { self.exchange = exchange }

  /// The application waits for the next message.
  func want() {
    wanted += 1
    unwanted = 0
    receiver.tell()
  }

  /// Returns whether more may be sent.
  func send(_ message: WebSocketMessage) -> Bool {
    if isOver { return true }
    queued += message.count
    orders.append(.message(message))
    sender.tell()
    if queued > LoopExchange.highWater { isBehind = true }
    return !isBehind
  }

  func close(_ code: CloseCode, _ reason: String) {
    if isOver { return }
    orders.append(.close(code, reason))
    sender.tell()
  }

  /// Receives until the peer or the application has closed.
  func run(_ socket: WebSocket) throws {
    let sending = Fiber.spawn(name: "websocket send") { self.sendAll(to: socket) }
    defer { end(socket, sending) }
    while let message = try socket.receive() {
      try awaitWish(socket)
      if isOver || isTooMuch(message) { return }
      wanted = max(0, wanted - 1)
      switch message {
      case .text(var text):
        text.withUTF8 { LoopEvents.tell(GREENPYTHON_EVENT_TEXT, exchange, bytes: UnsafeRawBufferPointer($0)) }
      case .binary(let bytes):
        bytes.withUnsafeBytes { LoopEvents.tell(GREENPYTHON_EVENT_BYTES, exchange, bytes: $0) }
      }
    }
  }

  /// Waits until the application wants the message that has come. Nobody receives meanwhile: the peer's end is looked for.
  private func awaitWish(_ socket: WebSocket) throws {
    var looks = 0
    while wanted == 0 && !isOver && !peerHasEnded {
      do {
        try withDeadline(.after(Self.lookInterval)) { try receiver.wait() }
      } catch let error as TimeoutError {
        if Fiber.currentDeadline.hasPassed { throw error }
        looks += 1
        // What cannot be sent is an end too. A peer that has vanished acknowledges none of it.
        let isThere = looks % Self.looksPerPing != 0 || (try? socket.ping()) != nil
        peerHasEnded = !isThere || socket.peerHasEnded
      }
    }
  }

  /// Whether a message that nobody has asked for is more than may lie with the application. It is lost then, with what
  /// comes after it, and the application is told so, by the code for too long a message.
  private func isTooMuch(_ message: WebSocketMessage) -> Bool {
    if wanted > 0 { return false }
    unwanted += message.count + Self.messageCost
    if unwanted <= Self.mostUnwanted { return false }
    ownCode = .messageTooBig
    return true
  }

  private func end(_ socket: WebSocket, _ sending: Fiber<Void>) {
    isOver = true
    sender.tell()
    try? sending.join(until: .after(.seconds(5)))
    var reason = socket.closeReason
    let code = ownCode ?? socket.closeCode ?? .abnormal
    reason.withUTF8 { exchange.tellOfEnd(Int64(code.rawValue), reason: UnsafeRawBufferPointer($0)) }
    if let ownCode { socket.close(ownCode) }
  }

  private func sendAll(to socket: WebSocket) {
    do {
      try carryOutOrders(on: socket)
    } catch {
      // Nothing more can be sent, and so nothing more is received: whoever does may wait for the application, or for a peer that
      // goes on sending.
      isOver = true
      orders = Backlog()
      receiver.tell()
      socket.close(.internalError)
    }
  }

  private func carryOutOrders(on socket: WebSocket) throws {
    while true {
      while orders.isEmpty && !isOver { try sender.wait() }
      switch orders.popFirst() {
      case .message(let message):
        try socket.send(message)
        queued -= message.count
        if isBehind && queued <= LoopExchange.lowWater {
          isBehind = false
          LoopEvents.tell(GREENPYTHON_EVENT_DRAINED, exchange)
        }
      case .close(let code, let reason):
        socket.close(code, reason: reason)
        isOver = true
        receiver.tell()
        return
      case nil: return
      }
    }
  }
}

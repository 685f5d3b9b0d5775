import CGreenPython
import Glibc
import Green
import GreenHTTP
import GreenWebSocket
import HTTPTypes

/// A WebSocket of an application in an event loop: one fiber receives and tells the loop, one sends what the loop has given.
final class LoopConversation {
  private enum Order {
    case message(WebSocketMessage)
    case close(CloseCode, String)
  }

  /// In bytes; gunicorn's default.
  static let longestMessage =
    PythonWorker.configuration.text(named: "websocket_max_message_size").flatMap { Int($0) } ?? 16 << 20

  private unowned let exchange: LoopExchange
  private var orders: [Order] = []
  private var queued = 0
  private var isBehind = false
  private var wanted = 0
  private let receiver = Wakeup()
  private let sender = Wakeup()
  private var isOver = false

  /// What is ordered until ``run(_:)`` is done then.
  init(_ exchange: LoopExchange) { self.exchange = exchange }

  /// The application waits for the next message.
  func want() {
    wanted += 1
    receiver.tell()
  }

  /// Returns whether more may be sent.
  func send(_ message: WebSocketMessage) -> Bool {
    queued += message.count
    orders.append(.message(message))
    sender.tell()
    if queued > LoopExchange.highWater { isBehind = true }
    return !isBehind
  }

  func close(_ code: CloseCode, _ reason: String) {
    orders.append(.close(code, reason))
    sender.tell()
  }

  /// Receives until the peer or the application has closed.
  func run(_ socket: WebSocket) throws {
    let sending = Fiber.spawn(name: "websocket send") { try self.sendAll(to: socket) }
    defer { end(socket, sending) }
    while let message = try socket.receive() {
      while wanted == 0 && !isOver { try receiver.wait() }
      if isOver { return }
      wanted -= 1
      switch message {
      case .text(var text):
        text.withUTF8 { LoopEvents.tell(GREENPYTHON_EVENT_TEXT, exchange, bytes: UnsafeRawBufferPointer($0)) }
      case .binary(let bytes):
        bytes.withUnsafeBytes { LoopEvents.tell(GREENPYTHON_EVENT_BYTES, exchange, bytes: $0) }
      }
    }
  }

  private func end(_ socket: WebSocket, _ sending: Fiber<Void>) {
    isOver = true
    sender.tell()
    try? sending.join(until: .after(.seconds(5)))
    var reason = socket.closeReason
    let code = Int64(socket.closeCode?.rawValue ?? CloseCode.abnormal.rawValue)
    reason.withUTF8 { exchange.tellOfEnd(code, reason: UnsafeRawBufferPointer($0)) }
  }

  private func sendAll(to socket: WebSocket) throws {
    while !isOver || !orders.isEmpty {
      while orders.isEmpty && !isOver { try sender.wait() }
      if orders.isEmpty { return }
      switch orders.removeFirst() {
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
      }
    }
  }
}

extension LoopExchange {
  /// Accepts the WebSocket that the request asks for.
  func converse(_ subprotocol: String?, _ fields: HTTPFields) throws -> Response {
    var configuration = WebSocketConfiguration()
    configuration.maximumMessage = LoopConversation.longestMessage
    let names = subprotocol.map { [$0] } ?? []
    let duty = LoopDuty(self)
    var response = try Response.webSocket(
      request, subprotocols: names, origins: .any, configuration: configuration
    ) { socket in
      duty.begin()
      defer {
        self.conversation = nil
        self.ended()
      }
      try self.conversation?.run(socket)
    }
    for field in fields { response.headers.append(field) }
    return response
  }
}

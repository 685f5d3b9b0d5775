import CGreenPython
import Green
import GreenHTTP
import HTTPTypes
import SystemPackage

/// An application that runs in an event loop. No Python runs in the connection's fiber.
struct LoopApplication: Application {
  func respond(to request: Request) throws -> Response {
    if let loss = LoopEvents.loss { throw loss }
    let exchange = LoopExchange(request)
    LoopEvents.tell(exchange.isWebSocket ? GREENPYTHON_EVENT_WEBSOCKET : GREENPYTHON_EVENT_REQUEST, exchange)
    do {
      return try exchange.answer()
    } catch {
      exchange.ended()
      throw error
    }
  }
}

extension LoopExchange {
  /// Does what the application orders until it is known how the answer begins.
  fileprivate func answer() throws -> Response {
    while true {
      switch try awaitOrder() {
      case .hints(let fields): try? request.sendEarlyHints(fields)
      case .start(let head, let trailers): return try begin(head, trailers)
      case .accept(let subprotocol, let fields): return try converse(subprotocol, fields)
      case .refuse: throw HTTPError(.forbidden, "the application has refused the WebSocket")
      case .fail(let failure): throw failure
      case .write, .file, .trailers: continue
      }
    }
  }

  private func begin(_ head: AnswerHead, _ trailers: [HTTPField.Name]) throws -> Response {
    // The whole body is usually there by now: then it leaves with the head.
    let first = takeWrite()
    sent(first?.bytes.count ?? 0)
    if let first, first.isLast {
      letGo()
      return head.response(.bytes(first.bytes))
    }
    let code = head.status.code
    if request.method == .head || code == 204 || code == 304 {
      letGo()
      return head.response(.empty)
    }
    let rest = LoopBody(self, first?.bytes ?? [])
    let write = { @Sendable (writer: BodyWriter) in try rest.write(to: writer) }
    let body = trailers.isEmpty ? StreamedBody(length: head.length, write) : StreamedBody(trailers: trailers, write)
    return head.response(.stream(body))
  }
}

/// What is to be done for an application after ``LoopApplication/respond(to:)``. Where nobody asks for it, since the
/// client has gone before, the exchange has ended.
///
/// Unsafe: of the hub's thread alone.
class LoopDuty: @unchecked Sendable {
  let exchange: LoopExchange
  private var hasBegun = false

  init(_ exchange: LoopExchange) { self.exchange = exchange }

  deinit { if !hasBegun { exchange.ended() } }

  /// It is being done.
  func begin() { hasBegun = true }
}

/// A body that the application goes on making.
private final class LoopBody: LoopDuty, @unchecked Sendable {
  private let first: [UInt8]

  init(_ exchange: LoopExchange, _ first: [UInt8]) {
    self.first = first
    super.init(exchange)
  }

  /// Writes the body as it comes.
  func write(to writer: BodyWriter) throws {
    begin()
    do {
      try writer.write(first)
      try writeRest(to: writer)
      exchange.letGo()
    } catch {
      exchange.ended()
      throw error
    }
  }

  private func writeRest(to writer: BodyWriter) throws {
    while true {
      switch try exchange.awaitOrder() {
      case .write(let bytes, let isLast):
        try writer.write(bytes)
        exchange.sent(bytes.count)
        if isLast { return }
      case .file(let file): return try writer.write(file, 0..<file.byteCount)
      case .trailers(let fields):
        for field in fields { try? writer.setTrailer(field.name, field.value) }
        return
      case .fail(let failure): throw failure
      case .hints, .start, .accept, .refuse: continue
      }
    }
  }
}

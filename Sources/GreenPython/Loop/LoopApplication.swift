import CGreenPython
import Green
import GreenHTTP
import HTTPTypes
import SystemPackage

/// An application that runs in an event loop. No Python runs in the connection's fiber.
struct LoopApplication: Application {
  func respond(to request: Request) throws -> Response {
    let exchange = LoopExchange(request)
    exchange.server = ParkedFiber.current
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
      case .want: bringNext()
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
    guard trailers.isEmpty else { return stream(head, StreamedBody(trailers: trailers) { try self.write(to: $0) }) }
    if let first = takeWrite() {
      sent(first.bytes.count)
      if first.isLast {
        ended()
        return head.response(.bytes(first.bytes))
      }
      return stream(
        head,
        StreamedBody(length: head.length) {
          try $0.write(first.bytes); try self.write(to: $0)
        })
    }
    return stream(head, StreamedBody(length: head.length) { try self.write(to: $0) })
  }

  private func stream(_ head: AnswerHead, _ body: StreamedBody) -> Response {
    let code = head.status.code
    if request.method == .head || code == 204 || code == 304 {
      ended()
      return head.response(.empty)
    }
    return head.response(.stream(body))
  }

  /// Writes the body as it comes.
  private func write(to writer: BodyWriter) throws {
    server = ParkedFiber.current
    defer { ended() }
    while true {
      switch try awaitOrder() {
      case .want: bringNext()
      case .write(let bytes, let isLast):
        try writer.write(bytes)
        sent(bytes.count)
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

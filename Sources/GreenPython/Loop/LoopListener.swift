import CGreenPython
import Green
import GreenHTTP

/// What an application that runs in an event loop is told while it makes its answer: pieces of the request's body, and that the
/// client has gone. In a fiber of its own, since the answer may go out before the body has come.
final class LoopListener {
  private unowned let exchange: LoopExchange
  private var fiber: Fiber<Void>?
  private let wakeup = Wakeup()
  private var isWanted = false
  private var hasToldEndOfBody: Bool

  init(_ exchange: LoopExchange) {
    self.exchange = exchange
    hasToldEndOfBody = exchange.request.body.isAtEnd
  }

  /// The next piece, or the client's end, is wanted.
  func want() {
    isWanted = true
    if fiber == nil {
      // Unsafe: of the hub's thread alone, which the fiber does not leave.
      nonisolated(unsafe) let listener = self
      // The loop's fiber may be in the request's time: this one ends with the connection's.
      let deadline = ParkedFiber.setScopeDeadline(.never)
      fiber = Fiber.spawn(name: "request body") { try listener.listen() }
      _ = ParkedFiber.setScopeDeadline(deadline)
    } else {
      wakeup.tell()
    }
  }

  /// Stops, and waits until nothing is read any more.
  func end() {
    guard let fiber else { return }
    fiber.cancel()
    withShield { try? fiber.join() }
    self.fiber = nil
  }

  private func listen() throws {
    while true {
      while !isWanted { try wakeup.wait() }
      isWanted = false
      if hasToldEndOfBody { return try awaitEndOfClient() }
      try bringPiece()
    }
  }

  private func bringPiece() throws {
    let piece: [UInt8]
    do {
      piece = try exchange.request.body.read()
    } catch {
      // Cancelled, the connection may still be there.
      if !Fiber.isCancelled { exchange.tellOfEnd() }
      throw error
    }
    hasToldEndOfBody = piece.isEmpty || exchange.request.body.isAtEnd
    piece.withUnsafeBytes {
      LoopEvents.tell(GREENPYTHON_EVENT_BODY, exchange, number: hasToldEndOfBody ? 0 : 1, bytes: $0)
    }
  }

  private func awaitEndOfClient() throws {
    guard let watch = exchange.request.abandonment else { return }
    if try watch(.never) { exchange.tellOfEnd() }
  }
}

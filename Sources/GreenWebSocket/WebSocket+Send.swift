internal import Green
internal import SystemPackage

extension WebSocket {
  /// Sends a message. Parks or blocks until the kernel has taken it.
  ///
  /// - Throws: `Errno.brokenPipe` once this side has closed or the connection has ended, `Errno.timedOut` when the peer does
  ///   not read; `CancellationError`, which may leave half a message, so that nothing can be sent after it.
  public func send(_ message: WebSocketMessage) throws {
    switch message {
    case .text(let text): try send(text)
    case .binary(let bytes): try send(bytes)
    }
  }

  /// Sends text. As ``send(_:)-(WebSocketMessage)``.
  public func send(_ text: String) throws {
    var text = text
    try text.withUTF8 { try send(.text, UnsafeRawBufferPointer($0)) }
  }

  /// Sends bytes. As ``send(_:)-(WebSocketMessage)``.
  public func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try send(.binary, $0) } }

  /// Asks the peer whether it is there. Its answer is taken by whoever receives. At most 125 bytes, which come back with it.
  public func ping(_ payload: [UInt8] = []) throws {
    try Array(payload.prefix(125)).withUnsafeBytes { try send(.ping, $0) }
  }

  private func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) throws {
    defer { answerPing() }
    try sending.withLock { _ in try sendNow(opcode, payload) }
  }

  /// Sends a frame, with `sending` held.
  func sendNow(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) throws {
    if state.withLock({ $0.hasEnded || $0.cannotSend || $0.sentClose != nil }) { throw Errno.brokenPipe }
    do {
      try writer.send(opcode, payload)
    } catch {
      state.withLock { $0.cannotSend = true }
      throw error
    }
  }

  /// Answers the latest ping (RFC 6455, 5.5.3), unless a frame is being sent: then whoever sends it does this after it. So the
  /// fiber that receives never waits for one that sends, which would be for ever where both sides did so.
  func answerPing() {
    while state.withLock({ $0.ping != nil }) {
      let isDone = sending.withLockIfAvailable { _ in
        if let payload = state.withLock({ $0.ping.take() }) { try? payload.withUnsafeBytes { try sendNow(.pong, $0) } }
        return true
      }
      if isDone == nil { return }
    }
  }
}

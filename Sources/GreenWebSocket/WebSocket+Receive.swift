public import Green
internal import SystemPackage

extension WebSocket {
  /// The next message; `nil` once the peer has closed, or is gone: ``closeCode`` tells which. Parks or blocks until then.
  ///
  /// - Throws: ``WebSocketError`` when the peer broke the protocol, sent too long a message or is silent: it was told so, and
  ///   this was the end; `Errno.timedOut` at the deadline, after which the next call goes on; `CancellationError`;
  ///   ``WebSocketError`` with ``CloseCode/policyViolation`` when another fiber is receiving.
  public func receive(until deadline: Deadline = .never) throws -> WebSocketMessage? {
    try beginReceiving()
    defer { endReceiving() }
    if isOver { return nil }
    return try receiveMessage(until: deadline)
  }

  /// Whether nothing more is to be received.
  var isOver: Bool { state.withLock { $0.hasEnded || $0.receivedClose != nil } }

  func beginReceiving() throws(WebSocketError) {
    let isFirst = state.withLock { state in
      defer { state.isReceiving = true }
      return !state.isReceiving
    }
    if !isFirst { throw WebSocketError(.policyViolation, "another fiber is receiving from this WebSocket") }
  }

  func endReceiving() {
    state.withLock { $0.isReceiving = false }
    received.broadcast()
  }

  /// The next message, with what must be done about the frames before it.
  func receiveMessage(until deadline: Deadline) throws -> WebSocketMessage? {
    do {
      while true {
        switch try nextEvent(until: deadline) {
        case .message(let message): return message
        case .ping(let payload):
          state.withLock { $0.ping = payload }
          answerPing()
          // A peer that only pings is not waited for for ever.
          if deadline.hasPassed { throw Errno.timedOut }
        case .pong: if deadline.hasPassed { throw Errno.timedOut }
        case .close(let frame):
          state.withLock { $0.receivedClose = frame }
          sendClose(CloseFrame(frame.code))
          return nil
        case .end:
          end(with: .abnormal)
          return nil
        }
      }
    } catch let error as WebSocketError {
      sendClose(CloseFrame(error.code, reason: error.message))
      end(with: .abnormal)
      throw error
    }
  }

  /// The next event; a ping is sent in a long silence. After a close frame of this side there is an end to waiting.
  private func nextEvent(until deadline: Deadline) throws -> FrameReader.Event {
    let interval = configuration.pingInterval
    while true {
      let (hasClosed, closeDeadline) = state.withLock { ($0.sentClose != nil, $0.closeDeadline) }
      if closeDeadline.hasPassed { return .end }
      do {
        return try reader.next(until: Swift.min(deadline, closeDeadline), patience: hasClosed ? .zero : interval)
      } catch Errno.timedOut where !deadline.hasPassed {
        if state.withLock({ $0.sentClose != nil }) { continue }
        if reader.hasAsked { throw WebSocketError(.policyViolation, "the peer has been silent for \(interval * 2)") }
        reader.noteAsked()
        // Where another fiber's message cannot be sent on, the silence goes on too.
        do {
          _ = try sending.withLockIfAvailable { _ in try sendNow(.ping, UnsafeRawBufferPointer(start: nil, count: 0)) }
        } catch is Errno {
          return .end
        }
      } catch let error as Errno where error != .timedOut && error != .canceled {
        return .end
      }
    }
  }
}

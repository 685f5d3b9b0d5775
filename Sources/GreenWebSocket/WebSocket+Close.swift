internal import Green
internal import GreenHTTP

extension WebSocket {
  /// Closes: tells the peer, and waits for its answer for ``WebSocketConfiguration/closeDeadline`` at most; messages that come
  /// meanwhile are dropped, or go to the fiber that receives. Nothing happens the second time. Parks or blocks.
  ///
  /// - Parameters:
  ///   - code: why.
  ///   - reason: for people: at most 123 bytes of it are sent.
  public func close(_ code: CloseCode = .normal, reason: String = "") {
    sendClose(CloseFrame(code, reason: reason))
    let deadline = Swift.min(state.withLock { $0.closeDeadline }, .after(configuration.closeDeadline))
    if (try? beginReceiving()) != nil {
      defer { endReceiving() }
      while !isOver && !deadline.hasPassed {
        guard (try? receiveMessage(until: deadline)) != nil else { break }
      }
    } else {
      waitForReceiver(until: deadline)
    }
    end(with: .abnormal)
    waitForSenders(until: deadline)
  }

  /// Closes with 1001 while a handler goes on, whose wait for the peer is ended where that does not answer in time. Parks or
  /// blocks until then.
  func goAway() {
    sendClose(CloseFrame(.goingAway))
    let deadline = Swift.min(state.withLock { $0.closeDeadline }, .after(configuration.closeDeadline))
    _ = try? state.withLock(awaiting: received, until: deadline, where: { !$0.isReceiving }) { _ in }
    // With the lock held: who receives cannot return meanwhile, after which the stream may be closed.
    state.withLock { state in
      if state.isReceiving && deadline.hasPassed { (stream as? any HalfClosableByteStream)?.finishReceiving() }
    }
  }

  /// Waits until the fiber that receives has what the peer says to the close; at the deadline its wait is ended. The stream may
  /// be closed afterwards, and must not be used by then.
  private func waitForReceiver(until deadline: Deadline) {
    withShield {
      for end in [deadline, .never] {
        let hasEnded = try? state.withLock(awaiting: received, until: end, where: { !$0.isReceiving }) { _ in true }
        if hasEnded ?? false { return }
        (stream as? any HalfClosableByteStream)?.finishReceiving()
      }
    }
  }

  /// The same of those who send.
  private func waitForSenders(until deadline: Deadline) {
    withShield {
      for end in [deadline, .never] {
        if (try? sending.withLock(until: end, { _ in true })) ?? false { return }
        // Both: whoever waits for room in a Unix socket hears of the end of both directions only.
        (stream as? any HalfClosableByteStream)?.finishSending()
        (stream as? any HalfClosableByteStream)?.finishReceiving()
      }
    }
  }

  /// Sends a close frame, unless that was done. An error is the end all the same, and so is a frame that the peer does not take
  /// in time, this one or another before it.
  func sendClose(_ frame: CloseFrame) {
    let deadline = Deadline.after(configuration.closeDeadline)
    let isFirst = state.withLock { state in
      if state.sentClose != nil || state.hasEnded || state.cannotSend { return false }
      state.sentClose = frame.code
      state.closeDeadline = deadline
      return true
    }
    guard isFirst else { return }
    do {
      try sending.withLock(until: deadline) { _ in
        try frame.payload.withUnsafeBytes { try writer.send(.close, $0, until: deadline) }
      }
    } catch {
      state.withLock { $0.cannotSend = true }
      end(with: .abnormal)
    }
  }

  func end(with code: CloseCode) {
    state.withLock { state in
      state.hasEnded = true
      if state.receivedClose == nil { state.receivedClose = CloseFrame(code) }
    }
  }
}

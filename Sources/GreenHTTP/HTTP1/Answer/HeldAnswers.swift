internal import Green

/// Answers that wait in the connection's buffer for the next one, whose request has been received already: a client that sends
/// many requests at once gets the answers in few sends.
///
/// They leave with the answer that no request follows; when 16 KB are there, or 4 ms have passed, before the next is made; and
/// when the fiber that makes the next is about to wait, whatever for. Outside fibers nobody says when a thread is about to wait:
/// nothing is held there.
final class HeldAnswers {
  private unowned let connection: HTTPConnection
  private var beforeWait: BeforeWait?
  /// Sends what the kernel did not take when the fiber began to wait.
  private var sender: Fiber<Void>?
  /// What went wrong there: whoever sends next is told.
  private var failure: (any Error)?
  /// When the first of them was made.
  private var since = Deadline.never

  init(_ connection: HTTPConnection) {
    self.connection = connection
    beforeWait = BeforeWait { [unowned self] in sendBeforeWaiting() }
  }

  // A fiber must not be left with what is gone.
  deinit { beforeWait?.disarm() }

  /// Whether what is in the buffer may stay there while the next answer is made.
  func hold() -> Bool {
    guard connection.output.bytes.count < OutputBuffer.keptCapacity else { return false }
    let now = Deadline.coarseNow
    if since == .never { since = now }
    return since == now && beforeWait?.arm() ?? false
  }

  /// To be called before anything of the buffer is sent.
  func release() throws {
    since = .never
    beforeWait?.disarm()
    if let sender {
      self.sender = nil
      try sender.value
    }
    if let failure { throw failure }
  }

  /// Sends them as far as that needs no wait.
  private func sendBeforeWaiting() {
    since = .never
    if connection.output.bytes.isEmpty { return }
    let isFree = failure == nil && sender?.isFinished ?? true
    let sent = isFree ? (try? connection.stream.sendWithoutWaiting(connection.output.bytes)) ?? 0 : 0
    connection.output.removeFirst(sent)
    let rest = Array(connection.output.bytes)
    connection.output.removeAll()
    if rest.isEmpty || failure != nil { return }
    guard let hub = Hub.current else { return }
    do {
      let before = sender
      sender = try Fiber<Void>.spawnAlone(on: hub, name: "send") { self.send(rest, after: before) }
    } catch {
      failure = error
    }
  }

  /// Sends what follows what `before` sends. Where that has been broken off, nothing may follow.
  private func send(_ rest: [UInt8], after before: Fiber<Void>?) {
    _ = try? before?.join()
    if failure != nil { return }
    do { try rest.withUnsafeBytes { try connection.stream.send($0, pace: connection.sendPace) } } catch {
      failure = error
    }
  }
}

extension HTTPConnection {
  /// Whether the answer that has been put together may wait for the next, whose request has been received.
  @inline(never)
  func hold() -> Bool {
    if held == nil { held = HeldAnswers(self) }
    return held?.hold() ?? false
  }

  /// Sends what is held, before something goes to the stream past the buffer.
  func sendHeld() throws {
    guard let held else { return }
    if output.bytes.isEmpty { try held.release() } else { try flush() }
  }
}

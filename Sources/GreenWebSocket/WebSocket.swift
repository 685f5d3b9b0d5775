public import Green
internal import GreenHTTP
internal import SystemPackage

/// A connection on which both sides send messages (RFC 6455), used as blocking code.
///
/// ```swift
/// while let message = try socket.receive() {
///   try socket.send(message)
/// }
/// ```
///
/// One fiber receives; any number may send meanwhile, and each message stays whole. Pings are answered, and a peer that is
/// silent is asked whether it is there, while somebody receives. In a fiber calls park it; on a thread they block that.
///
/// Unsafe as `Sendable`: what several fibers or threads use is used under `sending` or `state`; the reader is one at a
/// time's, which ``receive(until:)`` sees to.
public final class WebSocket: @unchecked Sendable {
  private struct State {
    var isReceiving = false
    /// What this side has sent, and until when the other has time to answer; and what the other has sent.
    var sentClose: CloseCode?
    var closeDeadline = Deadline.never
    var receivedClose: CloseFrame?
    /// The latest ping that has not been answered.
    var ping: [UInt8]?
    /// Whether nothing more can be sent, perhaps after half of a frame; and whether the stream is of no use at all.
    var cannotSend = false
    var hasEnded = false
  }

  /// Of those that were offered, the protocol that was agreed on (RFC 6455, 1.9).
  public let subprotocol: String?
  /// Whether messages may be compressed.
  public let isCompressed: Bool

  private let stream: any ByteStream
  private let configuration: WebSocketConfiguration
  private let reader: FrameReader
  private let writer: FrameWriter
  private let sending = Mutex(())
  private let state = Mutex(State())
  /// Signalled when nobody receives any more.
  private let received = Condition()

  /// - Parameters:
  ///   - stream: the caller's to close.
  ///   - received: what came after the handshake.
  ///   - isServer: which side this is: clients mask what they send.
  init(
    _ stream: any ByteStream, received: some Collection<UInt8> = [], isServer: Bool, subprotocol: String? = nil,
    compression: AgreedCompression? = nil, configuration: WebSocketConfiguration = WebSocketConfiguration()
  ) {
    self.stream = stream
    self.configuration = configuration
    self.subprotocol = subprotocol
    isCompressed = compression != nil
    let assembler = MessageAssembler(maximum: Swift.max(0, configuration.maximumMessage), compression: compression)
    reader = FrameReader(stream, received: received, expectsMask: isServer, assembler: assembler)
    let pace = Pace(patience: configuration.sendPatience, rate: configuration.minimumRate)
    writer = FrameWriter(stream, masks: !isServer, pace: pace, compression: compression)
  }

  /// The peer's address as text.
  public var peerDescription: String { stream.peerDescription }

  /// Why the peer closed: `nil` while it has not, ``CloseCode/none`` when it gave no code, ``CloseCode/abnormal`` when the
  /// connection ended without a close frame.
  public var closeCode: CloseCode? { state.withLock { $0.receivedClose?.code } }

  /// What the peer gave as reason to close; often empty.
  public var closeReason: String { state.withLock { $0.receivedClose?.reason ?? "" } }

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
  }
}

// MARK: Receiving

extension WebSocket {
  /// Whether nothing more is to be received.
  private var isOver: Bool { state.withLock { $0.hasEnded || $0.receivedClose != nil } }

  private func beginReceiving() throws(WebSocketError) {
    let isFirst = state.withLock { state in
      defer { state.isReceiving = true }
      return !state.isReceiving
    }
    if !isFirst { throw WebSocketError(.policyViolation, "another fiber is receiving from this WebSocket") }
  }

  private func endReceiving() {
    state.withLock { $0.isReceiving = false }
    received.broadcast()
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

  /// The next message, with what must be done about the frames before it.
  private func receiveMessage(until deadline: Deadline) throws -> WebSocketMessage? {
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

// MARK: Sending

extension WebSocket {
  private func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) throws {
    defer { answerPing() }
    try sending.withLock { _ in try sendNow(opcode, payload) }
  }

  /// Sends a frame, with `sending` held.
  private func sendNow(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) throws {
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
  private func answerPing() {
    while state.withLock({ $0.ping != nil }) {
      let isDone = sending.withLockIfAvailable { _ in
        if let payload = state.withLock({ $0.ping.take() }) { try? payload.withUnsafeBytes { try sendNow(.pong, $0) } }
        return true
      }
      if isDone == nil { return }
    }
  }

  /// Sends a close frame, unless that was done. An error is the end all the same, and so is a frame that cannot be sent before
  /// this one in time.
  private func sendClose(_ frame: CloseFrame) {
    let deadline = Deadline.after(configuration.closeDeadline)
    let isFirst = state.withLock { state in
      if state.sentClose != nil || state.hasEnded || state.cannotSend { return false }
      state.sentClose = frame.code
      state.closeDeadline = deadline
      return true
    }
    guard isFirst else { return }
    do {
      try sending.withLock(until: deadline) { _ in try frame.payload.withUnsafeBytes { try writer.send(.close, $0) } }
    } catch {
      end(with: .abnormal)
    }
  }

  private func end(with code: CloseCode) {
    state.withLock { state in
      state.hasEnded = true
      if state.receivedClose == nil { state.receivedClose = CloseFrame(code) }
    }
  }
}

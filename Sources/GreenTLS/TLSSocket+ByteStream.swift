internal import CTLS
public import Green
public import GreenHTTP
internal import SystemPackage

extension TLSSocket: HalfClosableByteStream, WaitableByteStream {
  /// Receives at least one byte, at most as many as the buffer holds; 0 where the peer has said that it has sent all. Parks
  /// until then.
  ///
  /// - Throws: ``TLSError``; else as `Socket.receive(into:until:)`.
  public func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    return try receiving(until: deadline) { connection, count in
      ctls_connection_read(connection, buffer.baseAddress, buffer.count, &count)
    }
  }

  public func waitToReceive(until deadline: Deadline = .never) throws -> Bool {
    if exclusively({ ctls_connection_has_pending($0) }) { return true }
    return try socket.waitToReceive(until: deadline)
  }

  /// Sends all the bytes; parks while the kernel's buffer is full.
  ///
  /// - Throws: ``TLSError``; else as `Socket.send(_:until:)`. Nothing more can be sent then.
  public func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    try sending(bytes, until: deadline) { try socket.send($0, until: deadline) }
  }

  public func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws {
    try sending(bytes, until: .never, pace: pace) { try socket.send($0, pace: pace) }
  }

  /// Sends records until the kernel takes no more. What it has not taken of the last one, the next send sends; where nothing is
  /// left to be sent, a fiber of its own.
  public func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    var sent = 0
    try hasSendingEnded.withLockIfAvailable { hasEnded in
      while !hasEnded && sent < bytes.count && !hasUnsent {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[sent...].prefix(16_384))
        try write(piece)
        sent += piece.count
      }
    }
    // Whoever is told that there is more to send does so at a pace of its own.
    if sent > 0 && sent == bytes.count && hasUnsent { sendRest() }
    return sent
  }

  /// At the pace of who has sent before; where nobody has, at that which HTTP has by default.
  private func sendRest() {
    guard let hub = Hub.current else { return }
    _ = try? Fiber.spawnAlone(on: hub, name: "send") { [self] in
      try? sending(UnsafeRawBufferPointer(start: nil, count: 0), until: .never) {
        try socket.send($0, pace: pace ?? Pace(patience: .seconds(30), rate: 500))
      }
    }
  }

  private var hasUnsent: Bool { exclusively { ctls_connection_unsent($0) > 0 } }

  /// Tells the peer that nothing more will come, as far as that needs no wait, and ends the sending direction (RFC 8446,
  /// 6.1). Never parks.
  public func finishSending() {
    // Nothing can follow a record that is half sent.
    hasSendingEnded.withLockIfAvailable { hasEnded in
      if !hasEnded && !hasUnsent { exclusively { ctls_connection_end($0) } }
      hasEnded = true
    }
    socket.finishSending()
  }

  public func finishReceiving() { socket.finishReceiving() }

  /// Tells the peer that nothing more will come, as far as that needs no wait, and closes the socket. Closing twice does
  /// nothing.
  public func close() {
    finishSending()
    socket.close()
  }

  public var hasUnread: Bool { exclusively { ctls_connection_has_pending($0) } || socket.hasUnread }
  /// The socket's: whether the peer has said first that it has sent all makes no difference.
  public var peerHasEnded: Bool { socket.peerHasEnded }
  public func waitForPeerToEnd(until deadline: Deadline) throws -> Bool { try socket.waitForPeerToEnd(until: deadline) }
  public var peerDescription: String { socket.peerDescription }
  public var localDescription: String { socket.localDescription }
  public var isEncrypted: Bool { true }
}

public import Green

/// A connection as HTTP sees it: bytes in, bytes out, each wait with a deadline.
public protocol ByteStream: AnyObject {
  /// Receives at least one byte, at most `buffer.count`; 0 at the end of the stream. Parks or blocks until then.
  /// Throws `Errno.timedOut` when the deadline passes first.
  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int
  /// Sends all the bytes. Parks or blocks until the kernel has taken them. Throws `Errno.timedOut` at the deadline.
  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws
  /// Sends all the bytes, however long that takes, as long as the peer keeps to a pace. Parks or blocks meanwhile. Throws
  /// `Errno.timedOut` when the peer is too slow.
  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws
  /// Sends the bytes of several buffers in their order as ``send(_:pace:)-(UnsafeRawBufferPointer,_)`` sends those of one: by
  /// default one after the other, where the system can be told of all in one call by that.
  func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws
  /// Sends what can be sent at once, which may be nothing, and returns how many bytes that was. Neither parks nor blocks.
  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int
  /// Sends a part of a file as the kernel does it, `sendfile(2)`, as long as the peer keeps to a pace. Parks or blocks
  /// meanwhile.
  ///
  /// - Parameters:
  ///   - file: a descriptor open for reading, whose own position is neither used nor changed.
  ///   - offset: where in the file the part begins.
  ///   - count: how many bytes it has.
  ///   - pace: how fast the peer must take it.
  /// - Returns: how many bytes were sent, fewer where the file ends before; `nil`, as by default, where the bytes have to pass
  ///   through the process: then nothing was sent.
  /// - Throws: as ``send(_:pace:)-(UnsafeRawBufferPointer,_)``, and the file's own `Errno`.
  func send(file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int?
  /// Whether the peer has ended its sending direction, or is gone. Neither parks nor blocks. `false`, as by default, where that
  /// cannot be known.
  var peerHasEnded: Bool { get }
  /// Parks or blocks until ``peerHasEnded``, and receives nothing. `false` when the deadline passes first.
  func waitForPeerToEnd(until deadline: Deadline) throws -> Bool
  /// The peer's address as text: `127.0.0.1:40312`, `[::1]:40312`, or `unix:`.
  var peerDescription: String { get }
  /// The address that the peer has connected to, as text in the same form. Empty where that is not known, as by default.
  var localDescription: String { get }
  /// Whether nobody between the two ends can read the bytes: TLS. `false` by default.
  var isEncrypted: Bool { get }
  /// What was agreed on where it is encrypted by TLS; `nil` by default.
  var tls: TLSFacts? { get }
}

extension ByteStream {
  public var localDescription: String { "" }
  public var isEncrypted: Bool { false }
  public var tls: TLSFacts? { nil }
  public var peerHasEnded: Bool { false }

  public func waitForPeerToEnd(until deadline: Deadline) throws -> Bool {
    try Fiber.sleep(until: deadline)
    return false
  }

  public func send(file: CInt, offset: Int64, count: Int, pace: Pace) -> Int? { nil }

  /// Nothing, for streams that can only wait.
  public func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int { 0 }

  public func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws {
    for buffer in buffers where !buffer.isEmpty { try send(buffer, pace: pace) }
  }

  /// For streams that cannot tell how much the peer has taken: each 64 KB have the pace's whole patience.
  public func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws {
    var rest = bytes
    while !rest.isEmpty {
      // A head with a short body after it is not cut.
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(rest.count < 131_072 ? rest.count : 65_536))
      try send(piece, until: .coarselyAfter(nanoseconds: pace.patience))
      rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
    }
  }
}

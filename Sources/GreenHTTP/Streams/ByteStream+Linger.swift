public import Green

/// A stream whose two directions can be closed apart.
public protocol HalfClosableByteStream: ByteStream {
  /// Ends the sending direction, as `shutdown(SHUT_WR)` does; the peer sees the end of the stream. Never parks.
  func finishSending()
  /// Ends the receiving direction, as `shutdown(SHUT_RD)` does: whoever waits for bytes meets the end of the stream. Never
  /// parks.
  func finishReceiving()
  /// Whether bytes have come that nobody has received.
  var hasUnread: Bool { get }
}

extension HalfClosableByteStream {
  /// `false`: for streams that cannot tell, and whose end destroys nothing.
  public var hasUnread: Bool { false }
  /// Nothing, for streams that cannot.
  public func finishReceiving() {}
}

extension ByteStream {
  /// Tells the peer that nothing more will come, and reads on until it has ended too, for a second at most: closing with
  /// bytes unread makes the kernel reset the connection, which may destroy the last answer before the peer has read it
  /// (RFC 9112, 9.6). A stream that cannot tell the peer is read from all the same. Parks or blocks meanwhile.
  public func linger(until deadline: Deadline = .after(.seconds(1))) {
    (self as? any HalfClosableByteStream)?.finishSending()
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { scratch in
      var left = Lingering.mostBytes
      while left > 0, let count = try? receive(into: scratch, until: deadline), count > 0 { left -= count }
    }
  }
}

/// The bounds of lingering.
public enum Lingering {
  /// What a client has under way when it is refused can be much; the time bounds it too.
  public static var mostBytes: Int { 16 << 20 }
}

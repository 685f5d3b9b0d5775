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

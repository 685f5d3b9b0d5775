public import Green

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

internal import CGlibc
internal import Glibc
public import Green

/// A socket is what a connection speaks HTTP over.
extension Socket: HalfClosableByteStream, WaitableByteStream {
  /// By `sendfile(2)`: see `Socket.sendFile` in Green.
  public func send(file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int? {
    try sendFile(file, offset: offset, count: count, pace: pace)
  }

  /// Ends the sending direction; the peer sees the end of the stream. Never parks.
  public func finishSending() { shutdown(CInt(SHUT_WR)) }

  /// Ends the receiving direction: whoever waits for bytes meets the end of the stream. Never parks.
  public func finishReceiving() { shutdown(CInt(SHUT_RD)) }

  /// The socket's own address: `getsockname(2)`.
  public var localDescription: String { localAddress?.description ?? "" }

  /// Whether bytes have come that nobody has received: `FIONREAD` of `ioctl(2)`.
  public var hasUnread: Bool { cglibc_unread(descriptor) > 0 }
}

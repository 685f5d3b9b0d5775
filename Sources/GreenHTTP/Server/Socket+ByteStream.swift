internal import Glibc
public import Green

/// A socket is what a connection speaks HTTP over.
extension Socket: HalfClosableByteStream, WaitableByteStream {
  /// Ends the sending direction; the peer sees the end of the stream. Never parks.
  public func finishSending() { shutdown(CInt(SHUT_WR)) }
}

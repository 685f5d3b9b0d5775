/// A stream whose two directions can be closed apart.
///
/// After an answer that leaves part of the request unread, the connection tells the peer that nothing more will come
/// and reads on for a moment, so that the peer sees the answer and not a reset (RFC 9112, 9.6). A stream that cannot
/// say so is read from all the same.
public protocol HalfClosableByteStream: ByteStream {
  /// Ends the sending direction, as `shutdown(SHUT_WR)` does; the peer sees the end of the stream. Never parks.
  func finishSending()
}

public import Green

/// How connections are encrypted, ready to be used: made by a ``TLSProvider``.
public protocol ConnectionSecurity: Sendable {
  /// Makes the handshake of a server on a connection that has just been accepted. Parks or blocks until it has been made.
  ///
  /// - Returns: the stream that HTTP is spoken over.
  /// - Throws: ``HandshakeFailure`` where the client does not keep to the rules; `Errno.timedOut` at the deadline.
  func accept(_ socket: Socket, until deadline: Deadline) throws -> any HalfClosableByteStream & WaitableByteStream
}

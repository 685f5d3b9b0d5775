public import Green

/// How the connections of a client are encrypted, ready to be used: made by a ``TLSClientProvider``.
public protocol ClientSecurity: Sendable {
  /// Makes the handshake of a client on a connected socket. Parks or blocks until it has been made.
  ///
  /// - Parameters:
  ///   - socket: the caller's to close where this throws.
  ///   - name: the server's name, which its certificate must be for, or its address.
  ///   - deadline: for the handshake.
  /// - Returns: the stream that is spoken over.
  /// - Throws: ``HandshakeFailure`` where the server is not who it should be, or does not keep to the rules;
  ///   `Errno.timedOut` at the deadline.
  func secure(_ socket: Socket, as name: String, until deadline: Deadline) throws
    -> any HalfClosableByteStream & WaitableByteStream
}

/// How the serving of a connection has ended, and so what its owner has to do with the stream.
public enum ServingOutcome {
  /// Nothing more is to come: the stream is closed.
  case ended
  /// The client may still be sending. Closed at once the connection would be reset then, which may destroy the last answer
  /// before the client has read it: ``ByteStream/linger(until:)`` goes before.
  case stillSending
  /// The connection goes on in another protocol: ``HandedOverConnection/speak(report:)`` goes before the end.
  case handedOver(HandedOverConnection)

  /// Whether the client may still be sending.
  public var isStillSending: Bool { if case .stillSending = self { true } else { false } }
}

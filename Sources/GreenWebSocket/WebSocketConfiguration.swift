/// What a WebSocket may do, and how long it waits.
public struct WebSocketConfiguration: Sendable {
  /// The longest message that is received, in bytes, decompressed. A longer one ends the connection with 1009.
  public var maximumMessage = 1 << 20
  /// After so long without a byte from the peer it is sent a ping, and after as long again the connection has ended.
  /// Zero for never. Counted while somebody receives.
  public var pingInterval = Duration.seconds(30)
  /// How long the peer has to take a close frame and to answer it.
  public var closeDeadline = Duration.seconds(5)
  /// How long the peer may be slower than ``minimumRate`` in taking what is sent.
  public var sendPatience = Duration.seconds(30)
  /// In bytes a second; 0 for none: then any byte will do.
  public var minimumRate = 500
  /// How messages are compressed where the peer agrees (RFC 7692); `nil` for not at all.
  public var compression: WebSocketCompression? = WebSocketCompression()

  /// The limits and times above, as they stand there.
  public init() {}
}

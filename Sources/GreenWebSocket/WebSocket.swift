internal import Green
internal import GreenHTTP

/// A connection on which both sides send messages (RFC 6455), used as blocking code.
///
/// ```swift
/// while let message = try socket.receive() {
///   try socket.send(message)
/// }
/// ```
///
/// One fiber receives; any number may send meanwhile, and each message stays whole. Pings are answered, and a peer that is
/// silent is asked whether it is there, while somebody receives. In a fiber calls park it; on a thread they block that.
///
/// Unsafe as `Sendable`: what several fibers or threads use is used under `sending` or `state`; the reader is one at a
/// time's, which ``receive(until:)`` sees to.
public final class WebSocket: @unchecked Sendable {
  struct State {
    var isReceiving = false
    /// What this side has sent, and until when the other has time to answer; and what the other has sent.
    var sentClose: CloseCode?
    var closeDeadline = Deadline.never
    var receivedClose: CloseFrame?
    /// The latest ping that has not been answered.
    var ping: [UInt8]?
    /// Whether nothing more can be sent, perhaps after half of a frame; and whether the stream is of no use at all.
    var cannotSend = false
    var hasEnded = false
  }

  /// Of those that were offered, the protocol that was agreed on (RFC 6455, 1.9).
  public let subprotocol: String?
  /// Whether messages may be compressed.
  public let isCompressed: Bool

  let stream: any ByteStream
  let configuration: WebSocketConfiguration
  let reader: FrameReader
  let writer: FrameWriter
  let sending = Mutex(())
  let state = Mutex(State())
  /// Signalled when nobody receives any more.
  let received = Condition()

  /// - Parameters:
  ///   - stream: the caller's to close.
  ///   - received: what came after the handshake.
  ///   - isServer: which side this is: clients mask what they send.
  init(
    _ stream: any ByteStream, received: some Collection<UInt8> = [], isServer: Bool, subprotocol: String? = nil,
    compression: AgreedCompression? = nil, configuration: WebSocketConfiguration = WebSocketConfiguration()
  ) {
    self.stream = stream
    self.configuration = configuration
    self.subprotocol = subprotocol
    isCompressed = compression != nil
    let assembler = MessageAssembler(maximum: Swift.max(0, configuration.maximumMessage), compression: compression)
    reader = FrameReader(stream, received: received, expectsMask: isServer, assembler: assembler)
    let pace = Pace(patience: configuration.sendPatience, rate: configuration.minimumRate)
    writer = FrameWriter(stream, masks: !isServer, pace: pace, compression: compression)
  }

  /// The peer's address as text.
  public var peerDescription: String { stream.peerDescription }

  /// Why the peer closed: `nil` while it has not, ``CloseCode/none`` when it gave no code, ``CloseCode/abnormal`` when the
  /// connection ended without a close frame.
  public var closeCode: CloseCode? { state.withLock { $0.receivedClose?.code } }

  /// What the peer gave as reason to close; often empty.
  public var closeReason: String { state.withLock { $0.receivedClose?.reason ?? "" } }
}

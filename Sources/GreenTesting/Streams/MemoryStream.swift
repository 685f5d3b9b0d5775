public import Green
internal import SystemPackage

/// One end of a connection within the process: bytes in, bytes out, with deadlines, as a `Socket` has them, and with the
/// delays, short reads and resets that a test asks for.
///
/// It has the members of GreenHTTP's `ByteStream`, so one line makes it one:
///
/// ```swift
/// extension MemoryStream: @retroactive HalfClosableByteStream {}
///
/// try TestHub.explore(seeds: 100) {
///   let (client, server) = MemoryStream.pair(.rough)
///   Fiber.spawn { HTTPConnection(stream: server, application: app).serve() }
///   …
/// }
/// ```
///
/// Fibers of a ``TestHub`` wait in virtual time; fibers of other hubs and threads in real time. One end may be used by
/// several at once.
public final class MemoryStream: Sendable {
  private let incoming: ByteLane
  private let outgoing: ByteLane
  /// Who is at the other end.
  public let peerDescription: String

  /// Two ends that are connected.
  ///
  /// - Parameters:
  ///   - conditions: of both directions.
  ///   - seed: governs delays, pieces and resets; by default it is drawn from ``TestHub/random``.
  public static func pair(_ conditions: StreamConditions = .perfect, seed: UInt64? = nil) -> (
    MemoryStream, MemoryStream
  ) { pair(conditions, seed: seed, names: ("memory:1", "memory:2")) }

  static func pair(_ conditions: StreamConditions, seed: UInt64?, names: (String, String)) -> (
    MemoryStream, MemoryStream
  ) {
    var generator = SeededGenerator(seed: seed ?? TestHub.random.next())
    let there = ByteLane(conditions, seed: generator.next())
    let back = ByteLane(conditions, seed: generator.next())
    return (
      MemoryStream(incoming: back, outgoing: there, peer: names.1),
      MemoryStream(incoming: there, outgoing: back, peer: names.0)
    )
  }

  private init(incoming: ByteLane, outgoing: ByteLane, peer: String) {
    self.incoming = incoming
    self.outgoing = outgoing
    peerDescription = peer
  }

  deinit { close() }

  /// How what this end sends gets to the other from now on, and how that receives it.
  public var conditions: StreamConditions {
    get { outgoing.conditions }
    set { outgoing.conditions = newValue }
  }

  /// Receives at least one byte, at most as many as the buffer holds; 0 at the end of the stream. Parks or blocks until
  /// then.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.connectionReset` after a reset, `Errno.badFileDescriptor` when
  ///   this end is closed; `CancellationError` and `TimeoutError` as every wait.
  public func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    try incoming.receive(into: buffer, until: deadline)
  }

  /// Sends all the bytes. Parks or blocks while there is no room for them.
  ///
  /// - Throws: `Errno.brokenPipe` when the other end is closed, or this one's sending has been finished; else as
  ///   ``receive(into:until:)``. Some of the bytes may have been sent then.
  public func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    if !bytes.isEmpty && outgoing.drawsReset() { reset() }
    try outgoing.send(bytes, until: deadline)
  }

  /// Ends the sending direction: the other end sees the end of the stream after what is under way. Never parks.
  public func finishSending() { outgoing.finish() }

  /// Breaks the connection: what is under way is lost, and both ends fail with `Errno.connectionReset`. Never parks.
  public func reset() {
    incoming.reset()
    outgoing.reset()
  }

  /// Closes this end: what waits in it fails with `Errno.badFileDescriptor`; the other sees the end of the stream, and
  /// where bytes that it has sent were not received, a reset (RFC 2525, 2.17). Closing twice does nothing. Never parks.
  public func close() {
    incoming.closeReceiver()
    outgoing.closeSender()
    if incoming.isUnread { reset() } else { outgoing.finish() }
  }
}

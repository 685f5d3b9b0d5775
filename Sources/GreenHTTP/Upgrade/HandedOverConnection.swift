internal import Green
internal import Synchronization
internal import SystemPackage

/// A connection that has served its last request and goes on in another protocol.
public struct HandedOverConnection {
  /// The connection. What has been received after the request comes first.
  public var stream: any ByteStream { handedOver }
  private let handedOver: HandedOverStream
  private let upgrade: Upgrade
  package let notice = StopNotice()

  /// - Parameter received: the bytes that came after the request, together with it.
  package init(_ stream: any ByteStream, received: UnsafeRawBufferPointer, to upgrade: Upgrade) {
    handedOver = HandedOverStream(Array(received), stream)
    self.upgrade = upgrade
  }

  /// The protocol's name as `Upgrade` has it: `websocket`.
  public var protocolName: String { upgrade.name }

  /// Speaks the protocol until it ends. Parks or blocks meanwhile. The caller closes the connection then. A child that the
  /// application's function forks, and which comes back from there, ends.
  ///
  /// - Parameter report: called with an error that the application's function throws. One of the stream's, such as that the
  ///   client has gone away, is not a failure of the application.
  public func speak(report: (any Error) -> Void) {
    let process = OwnProcess()
    let outcome = Result { try upgrade.speak(stream, notice) }
    process.endIfChild()
    do { try outcome.get() } catch {
      if !(handedOver.hasFailed && error is Errno) { report(error) }
    }
  }

  /// Tells the protocol, while it is spoken, that the server stops: a WebSocket sends a close frame of the code 1001. Any
  /// fiber or thread may call it, and parks or blocks until that is sent. Others are not told unless they have asked for it.
  public func stop() { notice.give() }
}

/// A stream of which some bytes may have been received already, and which knows whether it has failed.
private final class HandedOverStream: HalfClosableByteStream {
  private var rest: ArraySlice<UInt8>
  private let stream: any ByteStream
  private let failed = Atomic(false)
  /// Several fibers or threads may use it.
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  init(_ received: [UInt8], _ stream: any ByteStream) {
    rest = received[...]
    self.stream = stream
  }

  private func noting<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      failed.store(true, ordering: .relaxed)
      throw error
    }
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    if rest.isEmpty { return try noting { try stream.receive(into: buffer, until: deadline) } }
    let piece = rest.prefix(buffer.count)
    buffer.copyBytes(from: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    try noting { try stream.send(bytes, until: deadline) }
  }
  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws { try noting { try stream.send(bytes, pace: pace) } }
  func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws {
    try noting { try stream.send(buffers, pace: pace) }
  }
  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    try noting { try stream.sendWithoutWaiting(bytes) }
  }
  func send(file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int? {
    try stream.send(file: file, offset: offset, count: count, pace: pace)
  }
  func finishSending() { (stream as? any HalfClosableByteStream)?.finishSending() }
  func finishReceiving() { (stream as? any HalfClosableByteStream)?.finishReceiving() }

  var hasUnread: Bool { !rest.isEmpty || ((stream as? any HalfClosableByteStream)?.hasUnread ?? false) }
  var peerDescription: String { stream.peerDescription }
  var localDescription: String { stream.localDescription }
  var isEncrypted: Bool { stream.isEncrypted }
  var tls: TLSFacts? { stream.tls }
  var peerHasEnded: Bool { rest.isEmpty && stream.peerHasEnded }
  func waitForPeerToEnd(until deadline: Deadline) throws -> Bool { try stream.waitForPeerToEnd(until: deadline) }
}

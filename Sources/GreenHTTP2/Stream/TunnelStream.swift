internal import Green
internal import GreenHTTP
internal import SystemPackage

/// A stream over which another protocol than HTTP is spoken: RFC 8441. Its DATA are what the bytes of a connection are
/// elsewhere.
final class TunnelStream: HalfClosableByteStream {
  private let stream: HTTP2Stream
  /// What one sender has begun, no other gets into.
  private let turn = Mutex(())

  init(_ stream: HTTP2Stream) { self.stream = stream }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    while true {
      if let count = stream.takeData(into: buffer) { return count }
      if stream.incoming.hasEnded { return 0 }
      if stream.incoming.failure != nil { throw Errno.connectionReset }
      try stream.awaitData(until: deadline)
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    try turn.withLock(until: deadline) { _ in try stream.write(bytes, until: deadline) }
  }

  /// The connection looks after a client that takes too little.
  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws { try send(bytes, until: .never) }

  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    try turn.withLockIfAvailable { _ in try stream.writeWithoutWaiting(bytes) } ?? 0
  }

  func finishSending() { stream.endBody() }
  func finishReceiving() { stream.incoming.end(trailers: nil) }
  var hasUnread: Bool { stream.incoming.count > 0 }
  var peerDescription: String { stream.remote }
  var localDescription: String { stream.local }
  var isEncrypted: Bool { stream.isEncrypted }
  var tls: TLSFacts? { stream.tls }
}

internal import Green

/// A connection whose ends are not who they seem to be: a proxy passes the bytes on.
final class ProxiedStream: HalfClosableByteStream, WaitableByteStream {
  private let stream: any HalfClosableByteStream & WaitableByteStream
  let peerDescription: String
  let localDescription: String

  init(_ stream: any HalfClosableByteStream & WaitableByteStream, peer: String, local: String) {
    self.stream = stream
    peerDescription = peer
    localDescription = local
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    try stream.receive(into: buffer, until: deadline)
  }
  func waitToReceive(until deadline: Deadline) throws -> Bool { try stream.waitToReceive(until: deadline) }
  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    try stream.send(bytes, until: deadline)
  }
  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws { try stream.send(bytes, pace: pace) }
  func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws { try stream.send(buffers, pace: pace) }
  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int { try stream.sendWithoutWaiting(bytes) }
  func send(file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int? {
    try stream.send(file: file, offset: offset, count: count, pace: pace)
  }
  func waitForPeerToEnd(until deadline: Deadline) throws -> Bool { try stream.waitForPeerToEnd(until: deadline) }
  var peerHasEnded: Bool { stream.peerHasEnded }
  func finishSending() { stream.finishSending() }
  func finishReceiving() { stream.finishReceiving() }
  var hasUnread: Bool { stream.hasUnread }
  var isEncrypted: Bool { stream.isEncrypted }
  var tls: TLSFacts? { stream.tls }
}

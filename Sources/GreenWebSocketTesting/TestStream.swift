internal import Green
internal import GreenHTTP
internal import GreenTesting

/// One end of a connection in memory, as HTTP is spoken over it.
final class TestStream: HalfClosableByteStream, Sendable {
  private let stream: MemoryStream
  /// Whether it stands for one with TLS.
  let isEncrypted: Bool
  /// Of a client on this machine.
  let peerDescription = "127.0.0.1:1"

  /// Two ends that are connected.
  static func pair(isEncrypted: Bool) -> (TestStream, TestStream) {
    let (near, far) = MemoryStream.pair()
    return (TestStream(near, isEncrypted: isEncrypted), TestStream(far, isEncrypted: isEncrypted))
  }

  private init(_ stream: MemoryStream, isEncrypted: Bool) {
    self.stream = stream
    self.isEncrypted = isEncrypted
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    try stream.receive(into: buffer, until: deadline)
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    try stream.send(bytes, until: deadline)
  }

  func finishSending() { stream.finishSending() }

  /// Ends both directions: who waits for bytes is told, and nobody has use for the rest.
  func finishReceiving() { stream.close() }

  func close() { stream.close() }
}

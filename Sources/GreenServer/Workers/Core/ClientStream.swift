import Green
import GreenHTTP

/// What a connection's bytes come and go through, which tells the connection while its thread may have to wait for the client:
/// a thread that waits for a client is not one that hangs.
final class ClientStream: HalfClosableByteStream {
  private let stream: ConnectionOpening.Stream
  /// Kept: whoever speaks another protocol over it may come back from a wait when the connection is served no more.
  private let connection: WorkerConnection

  init(of connection: WorkerConnection) {
    stream = connection.transport
    self.connection = connection
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    return try stream.receive(into: buffer, until: deadline)
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    try stream.send(bytes, until: deadline)
  }

  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    try stream.send(bytes, pace: pace)
  }

  func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    try stream.send(buffers, pace: pace)
  }

  func send(file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int? {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    return try stream.send(file: file, offset: offset, count: count, pace: pace)
  }

  func waitForPeerToEnd(until deadline: Deadline) throws -> Bool {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    return try stream.waitForPeerToEnd(until: deadline)
  }

  var peerHasEnded: Bool { stream.peerHasEnded }
  func finishSending() { stream.finishSending() }
  func finishReceiving() { stream.finishReceiving() }
  var hasUnread: Bool { stream.hasUnread }
  var peerDescription: String { stream.peerDescription }
  var localDescription: String { stream.localDescription }
  var isEncrypted: Bool { stream.isEncrypted }
  var tls: TLSFacts? { stream.tls }
}

extension ClientStream: SocketBacked {
  var socketDescriptor: CInt? { (stream as? any SocketBacked)?.socketDescriptor }
}

import Green
import GreenHTTP

/// A connection's socket, which tells the connection while its thread may have to wait for the client: a thread that
/// waits for a client is not one that hangs.
final class ClientStream: HalfClosableByteStream {
  private let socket: Socket
  /// Kept: whoever speaks another protocol over it may come back from a wait when the connection is served no more.
  private let connection: WorkerConnection

  init(of connection: WorkerConnection) {
    socket = connection.socket
    self.connection = connection
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    return try socket.receive(into: buffer, until: deadline)
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    try socket.send(bytes, until: deadline)
  }

  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws {
    connection.clientWaitBegan()
    defer { connection.clientWaitEnded() }
    try socket.send(bytes, pace: pace)
  }

  func finishSending() { socket.finishSending() }
  func finishReceiving() { socket.finishReceiving() }
  var hasUnread: Bool { socket.hasUnread }
  var peerDescription: String { socket.peerDescription }
  var localDescription: String { socket.localDescription }
}

import Green
import GreenHTTP

/// A socket whose sends are counted.
final class CountedSocket: ByteStream {
  let socket: Socket
  var sends = 0

  init(_ socket: Socket) { self.socket = socket }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    try socket.receive(into: buffer, until: deadline)
  }
  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    if !bytes.isEmpty { sends += 1 }
    try socket.send(bytes, until: deadline)
  }
  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    sends += 1
    return try socket.sendWithoutWaiting(bytes)
  }
  var peerDescription: String { socket.peerDescription }
}

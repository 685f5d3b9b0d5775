import Green
import GreenHTTP

/// The served end of a connection whose client takes what is sent only while the gate is open.
final class GatedStream: HalfClosableByteStream, WaitableByteStream {
  let socket: Socket
  /// Set while the client takes what is sent.
  let gate = Event(isSet: true)
  /// How often has been received.
  private(set) var receives = 0

  init(_ socket: Socket) { self.socket = socket }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    receives += 1
    return try socket.receive(into: buffer, until: deadline)
  }
  func waitToReceive(until deadline: Deadline) throws -> Bool { try socket.waitToReceive(until: deadline) }
  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    try gate.wait(until: deadline)
    try socket.send(bytes, until: deadline)
  }
  func send(_ bytes: UnsafeRawBufferPointer, pace: Pace) throws { try send(bytes, until: .never) }
  func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    gate.isSet ? try socket.sendWithoutWaiting(bytes) : 0
  }
  func finishSending() { socket.finishSending() }
  func finishReceiving() { socket.finishReceiving() }
  var hasUnread: Bool { socket.hasUnread }
  var peerDescription: String { socket.peerDescription }
}

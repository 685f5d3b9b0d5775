internal import Green
internal import GreenHTTP

/// Memory to receive into, which a connection that waits for a request does not hold.
final class ReceiveRoom {
  /// What one receive may bring: enough for a hundred requests, or for a few frames of a body.
  private static var capacity: Int { 65_536 }
  private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// Receives some bytes to the front of ``bytes``. As ``ByteStream/receive(into:until:)``.
  func receive(from stream: any ByteStream, until deadline: Deadline, isIdle: Bool) throws -> Int {
    if isIdle, let waitable = stream as? any WaitableByteStream {
      giveBack()
      IdleWait.wait(for: waitable, until: deadline)
    }
    if bytes.isEmpty { bytes = .allocate(byteCount: Self.capacity, alignment: 16) }
    return try stream.receive(into: bytes, until: deadline)
  }

  func giveBack() {
    bytes.deallocate()
    bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }
}

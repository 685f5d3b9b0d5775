/// A datagram that a ``DatagramServer`` received.
public struct Datagram {
  /// What it holds.
  public let bytes: [UInt8]
  /// Who sent it; `nil` for a Unix domain socket without a name, which cannot be answered.
  public let sender: SocketAddress?
  /// Whether it was longer than the server's ``DatagramServer/maximumSize``, and is cut there.
  public let isTruncated: Bool
  let socket: DatagramSocket

  /// Sends a datagram back to whom this came from. Parks while the kernel's buffer is full.
  ///
  /// - Throws: as ``DatagramSocket/send(_:to:until:)``.
  public func reply(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    try socket.send(bytes, to: sender, until: deadline)
  }

  /// As ``reply(_:until:)-(UnsafeRawBufferPointer,_)``.
  public func reply(_ bytes: [UInt8], until deadline: Deadline = .never) throws {
    try bytes.withUnsafeBytes { try reply($0, until: deadline) }
  }
}

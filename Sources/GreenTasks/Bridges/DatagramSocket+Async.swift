public import Green

extension DatagramSocket {
  /// Receives one datagram, cut to `count` bytes, and says who sent it. As `receive(into:until:)` for tasks: cancelling the
  /// task ends the wait.
  public nonisolated(nonsending) func receive(upTo count: Int = 65535) async throws -> (
    bytes: [UInt8], sender: SocketAddress?
  ) {
    try await Fiber.runExclusively {
      var sender: SocketAddress?
      let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
        let datagram = try self.receive(into: UnsafeMutableRawBufferPointer(buffer))
        (received, sender) = (datagram.count, datagram.sender)
      }
      return (bytes, sender)
    }
  }

  /// Sends one datagram. As `send(_:to:until:)` for tasks.
  public nonisolated(nonsending) func send(_ bytes: [UInt8], to address: SocketAddress? = nil) async throws {
    try await Fiber.runExclusively { _ = try bytes.withUnsafeBytes { try self.send($0, to: address) } }
  }
}

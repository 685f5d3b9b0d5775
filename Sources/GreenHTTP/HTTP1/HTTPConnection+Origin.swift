package import Green

/// What a request asks of the connection that it came over.
extension HTTPConnection: RequestOrigin {
  package var remote: String { stream.peerDescription }
  package var local: String { stream.localDescription }
  package var isEncrypted: Bool { stream.isEncrypted }
  package var tls: TLSFacts? { stream.tls }
  package var socketDescriptor: CInt? { (stream as? any SocketBacked)?.socketDescriptor }
  package var jsonDepth: Int { limits.jsonDepth }

  package var isAbandoned: Bool { stream.peerHasEnded }
  package func waitUntilAbandoned(until deadline: Deadline) throws -> Bool {
    try stream.waitForPeerToEnd(until: deadline)
  }

  package func readBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if exchange.pointee.body.isBroken { throw HTTPError(.badRequest, "the body could not be read to its end") }
    if let chunks = exchange.pointee.chunks { return try receive(chunks, of: storage, into: buffer) }
    guard exchange.pointee.body.buffered == 0 else { return takeBuffered(of: storage, into: buffer) }
    return try receiveBody(into: buffer)
  }

  /// Hands out bytes that came with the head.
  private func takeBuffered(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let body = exchange.pointee.body
    let count = min(buffer.count, body.buffered)
    let received = storage.state.pointee.buffer.bytes
    // All that has been read came from here. The difference goes first: a client may declare a length near Int.max.
    let offset = exchange.pointee.headLength + (body.length - body.remaining)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: received[offset..<offset + count]))
    exchange.pointee.body.buffered -= count
    exchange.pointee.body.remaining -= count
    return count
  }
}

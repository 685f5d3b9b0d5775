internal import Green
internal import HTTPTypes

/// Chunked bodies (RFC 9112, 7.1).
extension HTTPConnection {
  /// Begins the chunked body of a request whose head is whole. What came with the head goes to it.
  ///
  /// - Parameter limit: how many bytes it may have; 0 for any number.
  func beginChunks(_ storage: RequestStorage, limit: Int) {
    let after = UnsafeRawBufferPointer(rebasing: storage.state.pointee.buffer.bytes[exchange.pointee.headLength...])
    exchange.pointee.chunks = ChunkedBody(received: after, limit: limit, limits: limits)
    storage.state.pointee.buffer.removeLast(after.count)
  }

  /// Reads content; at the end of the body hands its trailers over.
  func receive(_ chunks: ChunkedBody, of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws
    -> Int
  {
    let count = try reading {
      do {
        return try chunks.read(into: buffer) { try receivePart(into: $0) }
      } catch let fault as ChunkFault {
        throw HTTPError(fault.status, fault.reason)
      }
    }
    if chunks.hasEnded { exchange.pointee.body.remaining = 0 }
    if count == 0 { storage.state.pointee.body.trailers = chunks.trailers }
    return count
  }

  /// Skips the rest of a body, as much of it as may be skipped. False when the connection ends.
  func drain(_ chunks: ChunkedBody) -> Bool {
    let deadline = Deadline.coarselyAfter(nanoseconds: bodyNanoseconds)
    var left = Self.drainLimit
    while !chunks.hasEnded {
      let count = try? chunks.read(into: output.scratch) { memory in
        let count = try stream.receive(into: memory, until: deadline)
        left -= count
        return count
      }
      if count == nil || left < 0 {
        ending = .early
        exchange.pointee.body.isBroken = true
        return false
      }
    }
    exchange.pointee.body.remaining = 0
    return true
  }

  /// Ends the body of a request that has been answered: what was received after it is the next one's.
  @inline(never)
  func endChunks(_ storage: RequestStorage) {
    exchange.pointee.chunks?.giveRest(to: &storage.state.pointee.buffer)
    exchange.pointee.chunks = nil
  }

  /// What has been received after the request, body and all.
  func following(_ storage: RequestStorage) -> UnsafeRawBufferPointer {
    if let chunks = exchange.pointee.chunks { return chunks.buffer.bytes }
    return UnsafeRawBufferPointer(rebasing: storage.state.pointee.buffer.bytes[used...])
  }
}

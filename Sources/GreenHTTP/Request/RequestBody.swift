internal import HTTPTypes

/// The body of a request, read when it is asked for.
///
/// A client that sent `Expect: 100-continue` is told to go on at the first read, and never if the handler does not read.
/// What a handler leaves unread is skipped after its answer when it is short, and otherwise ends the connection.
public struct RequestBody {
  /// Where a body comes from that no connection brings: puts at least one byte into the buffer and says how many, 0 at the
  /// end. May park or block until then.
  public typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  let storage: RequestStorage

  /// The length in bytes that the request declared; `nil` where a body may come whose length it did not.
  public var count: Int? {
    let state = storage.state
    return state.pointee.source != nil && state.pointee.head.contentLength < 0 ? nil : state.pointee.body.length
  }

  /// Whether there is no body, or an empty one.
  public var isEmpty: Bool { count == 0 }

  /// Reads at least one byte, at most `buffer.count`; 0 when all has been read. Parks or blocks until a byte is there.
  ///
  /// Throws ``HTTPError`` with `400` when the client ends the body early and `408` when it does not send in time, or
  /// the stream's `Errno`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let state = storage.state
    if buffer.isEmpty { return 0 }
    if let source = state.pointee.source { return try source(buffer) }
    if state.pointee.body.remaining == 0 { return 0 }
    if state.pointee.body.isBroken { throw HTTPError(.badRequest, "the body could not be read to its end") }
    guard state.pointee.body.buffered == 0 else { return takeBuffered(into: buffer) }
    guard let connection = state.pointee.connection else {
      throw HTTPError(.badRequest, "the body can no longer be read: its connection has gone on to the next request")
    }
    return try connection._withUnsafeGuaranteedRef { try $0.receiveBody(of: storage, into: buffer) }
  }

  /// The whole body, or what ``read(into:)`` has left of it. Parks or blocks until it is there; the second call returns
  /// the same again. Throws as ``read(into:)`` does.
  ///
  /// It is read into one array of the length that was declared. Of a length that is large, no more memory is taken before
  /// the bytes come than a small part has vouched for; ``HTTPLimits/body`` says how much at most.
  public func bytes() throws -> [UInt8] {
    if let collected = storage.state.pointee.body.collected { return collected }
    let collected = storage.state.pointee.source == nil ? try allDeclared() : try allThereIs()
    storage.state.pointee.body.collected = collected
    return collected
  }

  /// Hands out bytes that came with the head.
  private func takeBuffered(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let state = storage.state
    let count = min(buffer.count, state.pointee.body.buffered)
    let received = state.pointee.buffer.bytes
    // All that has been read came from here. The difference goes first: a client may declare a length near Int.max.
    let offset = state.pointee.headLength + (state.pointee.body.length - state.pointee.body.remaining)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: received[offset..<offset + count]))
    state.pointee.body.buffered -= count
    state.pointee.body.remaining -= count
    return count
  }
}

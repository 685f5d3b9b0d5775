internal import HTTPTypes

/// The body of a request, read when it is asked for.
///
/// A client that sent `Expect: 100-continue` is told to go on at the first read, and never if the handler does not read.
/// What a handler leaves unread is skipped after its answer when it is short, and otherwise ends the connection.
///
/// It has one reader at a time: a second that reads meanwhile gets ``BodyInUseError``.
public struct RequestBody: Sendable {
  /// Where a body comes from that no connection of this library's brings: puts at least one byte into the buffer and says
  /// how many, 0 at the end. May park or block until then.
  public typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  package let storage: RequestStorage

  package init(storage: RequestStorage) { self.storage = storage }

  /// The length in bytes that the request declared; `nil` where a body may come whose length it did not, as a chunked one.
  public var count: Int? { storage.state.pointee.body.length }

  /// Whether there is no body, or an empty one.
  public var isEmpty: Bool { count == 0 }

  /// Reads at least one byte, at most `buffer.count`; 0 when all has been read. Parks or blocks until a byte is there.
  ///
  /// Throws ``HTTPError`` with `400` when the client ends the body early or breaks the rules of chunks, `413` when a chunked
  /// body is longer than ``HTTPLimits/body``, and `408` when the client does not send in time; or the stream's `Errno`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try storage.reading { try take(into: buffer) }
  }

  /// As ``read(into:)`` for who has the body already.
  func take(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let state = storage.state
    let wanted = min(buffer.count, state.pointee.body.left)
    if wanted == 0 { return 0 }
    guard let origin = storage.origin else { return 0 }
    let count = try origin.readBody(of: storage, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
    if state.pointee.body.left != .max {
      state.pointee.body.left -= count
    } else if count == 0 {
      state.pointee.body.left = 0
    }
    return count
  }

  /// The whole body, or what ``read(into:)`` has left of it. Parks or blocks until it is there; the second call returns
  /// the same again. Throws as ``read(into:)`` does.
  ///
  /// It is read into one array of the length that was declared. Of a length that is large, no more memory is taken before
  /// the bytes come than a small part has vouched for; ``HTTPLimits/body`` says how much at most.
  public func bytes() throws -> [UInt8] {
    try storage.reading {
      if let collected = storage.state.pointee.body.collected { return collected }
      let collected = storage.state.pointee.body.left == .max ? try allThereIs() : try allDeclared()
      storage.state.pointee.body.collected = collected
      return collected
    }
  }
}

internal import Green
public import GreenHTTP
internal import GreenTasks

extension StreamedBody {
  /// A body of pieces that come from an `async` sequence: each is asked for when the one before has been sent.
  ///
  /// An error of the sequence ends the connection before the body's end, and so does whatever ends the wait for a piece: the
  /// time that the request may take, and cancelling.
  public convenience init<Pieces: AsyncSequence & Sendable>(length: Int? = nil, _ pieces: Pieces)
  where Pieces.Element == [UInt8] {
    self.init(length: length) { body in
      // Unsafe: used by one task after the other, each of which has ended before the next.
      nonisolated(unsafe) var iterator = pieces.makeAsyncIterator()
      while let piece = try Fiber.await({ try await iterator.next() }) { try body.write(piece) }
      // Many sequences end without an error where the task that waits for them is cancelled: what was sent is not the whole then.
      try Fiber.checkCancellation()
    }
  }
}

public import Green

/// A stream that can be waited for without a buffer: then a connection that waits for its next request holds none.
public protocol WaitableByteStream: ByteStream {
  /// Parks or blocks until the next receive need not wait, or may not. `false` when the deadline passes first.
  func waitToReceive(until deadline: Deadline) throws -> Bool
}

public import Green

/// A connection as HTTP sees it: bytes in, bytes out, each wait with a deadline.
public protocol ByteStream: AnyObject {
  /// Receives at least one byte, at most `buffer.count`; 0 at the end of the stream. Parks or blocks until then.
  /// Throws `Errno.timedOut` when the deadline passes first.
  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int
  /// Sends all the bytes. Parks or blocks until the kernel has taken them. Throws `Errno.timedOut` at the deadline.
  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws
  /// The peer's address as text: `127.0.0.1:40312`, `[::1]:40312`, or `unix:`.
  var peerDescription: String { get }
}

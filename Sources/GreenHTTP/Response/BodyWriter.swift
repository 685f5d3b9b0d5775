/// Where a ``StreamedBody`` goes. It lasts as long as the function that it was given to: what is written later could only
/// get into another answer of the connection.
public final class BodyWriter {
  private let length: Int?
  /// `nil` once the body has ended.
  private var destination: (any BodyDestination)?
  private var written = 0

  init(length: Int?, _ destination: any BodyDestination) {
    self.length = length
    self.destination = destination
  }

  /// Adds some bytes, which are sent when the calling fiber begins to wait, some more have been written, the body is
  /// flushed or ends: at the latest. Parks or blocks while the client takes them too slowly. Several fibers may write to one
  /// body: each piece stays whole.
  ///
  /// - Throws: `Errno.brokenPipe` and the like when the client has gone away, `Errno.timedOut` when it does not read;
  ///   ``BodyLengthError`` for more bytes than the length that was stated: none of these is sent then;
  ///   ``BodyEndedError`` once the body has ended.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let destination else { throw BodyEndedError() }
    if bytes.isEmpty { return }
    if let length, bytes.count > length - written {
      throw BodyLengthError(stated: length, written: written + bytes.count)
    }
    // Before it waits: another fiber may write meanwhile.
    written += bytes.count
    try destination.write(bytes)
  }

  /// Sends what has been written, and the head at the least. Parks or blocks until the kernel has taken it. Needed only
  /// before long computing: waits send by themselves, except, outside fibers, the head alone.
  ///
  /// - Throws: as ``write(_:)-(UnsafeRawBufferPointer)``.
  public func flush() throws {
    guard let destination else { throw BodyEndedError() }
    try destination.flush()
  }

  /// As ``write(_:)-(UnsafeRawBufferPointer)``.
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Sends text as UTF-8.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  func finish() throws {
    if let length, written < length { throw BodyLengthError(stated: length, written: written) }
  }

  func end() { destination = nil }
}

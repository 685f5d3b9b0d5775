public import HTTPTypes

/// Where a ``StreamedBody`` goes. It lasts as long as the function that it was given to: what is written later could only
/// get into another answer of the connection.
public final class BodyWriter {
  private let body: StreamedBody
  /// The fields that follow the body, as set so far.
  private var trailers = HTTPFields()
  /// `nil` once the body has ended.
  private var destination: (any BodyDestination)?
  private var written = 0

  init(of body: StreamedBody, _ destination: any BodyDestination) {
    self.body = body
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
    let destination = try begin(bytes.count)
    if !bytes.isEmpty { try destination.write(bytes) }
  }

  /// Adds a part of a file, without a copy where that can be had. See ``OpenFile``.
  package func write(_ file: OpenFile, _ part: Range<Int>) throws {
    let destination = try begin(part.count)
    if !part.isEmpty { try destination.write(file, part) }
  }

  /// Counts so many bytes that are about to be written: before that waits, since another fiber may write meanwhile.
  private func begin(_ count: Int) throws -> any BodyDestination {
    guard let destination else { throw BodyEndedError() }
    if let length = body.writtenLength, count > length - written {
      throw BodyLengthError(stated: length, written: written + count)
    }
    written += count
    return destination
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

  /// Sets a field that follows the body (RFC 9110, 6.5); `nil` for none. A client may have no use for it: nothing that it must
  /// know belongs there.
  ///
  /// - Throws: ``TrailerError`` for a field that was not announced; ``BodyEndedError`` once the body has ended.
  public func setTrailer(_ name: HTTPField.Name, _ value: String?) throws {
    guard destination != nil else { throw BodyEndedError() }
    guard body.trailers.contains(name) else { throw TrailerError(name: name) }
    trailers[name] = value
  }

  func finish() throws -> HTTPFields {
    if let length = body.writtenLength, written < length { throw BodyLengthError(stated: length, written: written) }
    return trailers
  }

  func end() { destination = nil }
}

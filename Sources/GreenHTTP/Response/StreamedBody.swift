/// A body that is written piece by piece while it is sent, as blocking code: none of it has to be in memory before or after.
///
/// ```swift
/// Response(contentType: "text/csv", body: .stream(StreamedBody { body in
///   for row in try database.rows() { try body.write(row.csv) }
/// }))
/// ```
///
/// It is called after the handler and its hooks, in the same fiber or thread, once; not at all for `HEAD`. Without a length
/// it is sent in chunks (RFC 9112, 7.1), to an HTTP/1.0 client until the end of the connection. An error of its own ends
/// the connection before the body's end, so that the client can tell.
///
/// Pieces that are written one after the other leave together, and with the head; but what has been written never lies
/// there while the fiber waits for something, whatever that is. So an event that is written reaches its reader, and a short
/// body is one send. Outside fibers each piece is sent as it is written, the first with the head. Code that computes for
/// long between two pieces calls ``BodyWriter/flush()``.
public final class StreamedBody: Sendable {
  /// The length in bytes, if it is known: sent as `Content-Length`. Another number of bytes than this is an error, and ends
  /// the connection.
  public let length: Int?
  private let write: @Sendable (BodyWriter) throws -> Void

  /// A body that `write` writes.
  public init(length: Int? = nil, _ write: @escaping @Sendable (BodyWriter) throws -> Void) {
    precondition(length ?? 0 >= 0, "a body cannot have a length of \(length!)")
    self.length = length
    self.write = write
  }

  /// Writes the body to `send`: for servers that are not this library's. Meanwhile ``Request/currentID`` is that of the
  /// request which it answers.
  ///
  /// - Throws: what the body or `send` throws; ``BodyLengthError``.
  public func write(for request: Request, to send: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
    try BoundRequest.during(request.storage) { try write(to: Sending(send: send)) }
  }

  func write(to destination: any BodyDestination) throws {
    let writer = BodyWriter(length: length, destination)
    defer { writer.end() }
    try write(writer)
    try writer.finish()
  }
}

extension StreamedBody: Hashable {
  public static func == (left: StreamedBody, right: StreamedBody) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What takes the pieces of a body.
protocol BodyDestination {
  func write(_ piece: UnsafeRawBufferPointer) throws
  func flush() throws
}

/// Another server's, which keeps nothing back that could be flushed.
private struct Sending: BodyDestination {
  let send: (UnsafeRawBufferPointer) throws -> Void

  func write(_ piece: UnsafeRawBufferPointer) throws { try send(piece) }
  func flush() {}
}

/// Where a ``StreamedBody`` goes. It lasts as long as the function that it was given to: what is written later could only
/// get into another answer of the connection.
public final class BodyWriter {
  private let length: Int?
  /// `nil` once the body has ended.
  private var destination: (any BodyDestination)?
  private var written = 0

  fileprivate init(length: Int?, _ destination: any BodyDestination) {
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

  fileprivate func finish() throws {
    if let length, written < length { throw BodyLengthError(stated: length, written: written) }
  }

  fileprivate func end() { destination = nil }
}

/// A ``BodyWriter`` was written to when the function that it was given to had returned.
public struct BodyEndedError: Error, Equatable, CustomStringConvertible {
  /// The error of a body that has ended.
  public init() {}
  public var description: String { "the body has ended, and nothing more can be written to it" }
}

/// A streamed body was not as long as it said.
public struct BodyLengthError: Error, Equatable, CustomStringConvertible {
  /// The length that was announced, and how many bytes were written.
  public let stated: Int
  public let written: Int

  public var description: String { "the body has \(written) bytes, where \(stated) were announced" }
}

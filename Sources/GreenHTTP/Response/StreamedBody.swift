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
    try BoundRequest.during(request.storage) { try write(to: send) }
  }

  func write(to send: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
    let writer = BodyWriter(length: length, send)
    defer { writer.end() }
    try write(writer)
    try writer.finish()
  }
}

extension StreamedBody: Hashable {
  public static func == (left: StreamedBody, right: StreamedBody) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Where a ``StreamedBody`` goes. It lasts as long as the function that it was given to: what is written later could only
/// get into another answer of the connection.
public final class BodyWriter {
  private let length: Int?
  /// `nil` once the body has ended.
  private var send: ((UnsafeRawBufferPointer) throws -> Void)?
  private var written = 0

  fileprivate init(length: Int?, _ send: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    self.length = length
    self.send = send
  }

  /// Sends some bytes. Parks or blocks until the kernel has taken them. Several fibers may write to one body: each piece stays
  /// whole.
  ///
  /// - Throws: `Errno.brokenPipe` and the like when the client has gone away, `Errno.timedOut` when it does not read;
  ///   ``BodyLengthError`` for more bytes than the length that was stated: none of these is sent then;
  ///   ``BodyEndedError`` once the body has ended.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let send else { throw BodyEndedError() }
    if bytes.isEmpty { return }
    if let length, bytes.count > length - written {
      throw BodyLengthError(stated: length, written: written + bytes.count)
    }
    // Before it waits: another fiber may write meanwhile.
    written += bytes.count
    try send(bytes)
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

  fileprivate func end() { send = nil }
}

/// A ``BodyWriter`` was written to when the function that it was given to had returned.
public struct BodyEndedError: Error, Equatable, CustomStringConvertible {
  public init() {}
  public var description: String { "the body has ended, and nothing more can be written to it" }
}

/// A streamed body was not as long as it said.
public struct BodyLengthError: Error, Equatable, CustomStringConvertible {
  /// In bytes; as `written`.
  public let stated: Int
  public let written: Int

  public var description: String { "a body of \(written) bytes was to have \(stated)" }
}

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

/// Another server's, which keeps nothing back that could be flushed.
private struct Sending: BodyDestination {
  let send: (UnsafeRawBufferPointer) throws -> Void

  func write(_ piece: UnsafeRawBufferPointer) throws { try send(piece) }
  func flush() {}
}

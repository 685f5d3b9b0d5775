internal import Green
public import HTTPTypes

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
/// Fields that are known only at its end are its trailers (RFC 9110, 6.5): they are announced, and set with
/// ``BodyWriter/setTrailer(_:_:)``.
///
/// ```swift
/// StreamedBody(trailers: [.init("Repr-Digest")!]) { body in
///   for piece in pieces { try body.write(piece) }
///   try body.setTrailer(.init("Repr-Digest")!, digest)
/// }
/// ```
///
/// Pieces that are written one after the other leave together, and with the head; but what has been written never lies
/// there while the fiber waits for something, whatever that is. So an event that is written reaches its reader, and a short
/// body is one send. Outside fibers each piece is sent as it is written, the first with the head. Code that computes for
/// long between two pieces calls ``BodyWriter/flush()``.
public final class StreamedBody: Sendable {
  /// The length in bytes, if it is known: sent as `Content-Length`. Another number of bytes than this is an error, and ends
  /// the connection.
  public let length: Int?
  /// The names of the fields that may follow it, sent as `Trailer` (RFC 9110, 6.6.2) where they can follow: after chunks.
  public let trailers: [HTTPField.Name]
  /// How many bytes `write` must write, if that is known: where there is a coder, others are sent.
  let writtenLength: Int?
  let coder: (any BodyCoder & Sendable)?
  private let write: @Sendable (BodyWriter) throws -> Void

  /// A body that `write` writes.
  ///
  /// - Parameters:
  ///   - length: the length in bytes, if it is known; not below 0.
  ///   - write: writes the body, once.
  public init(length: Int? = nil, _ write: @escaping @Sendable (BodyWriter) throws -> Void) {
    requirement(length ?? 0 >= 0, "a body cannot have a length of \(length!)")
    self.length = length
    writtenLength = length
    trailers = []
    coder = nil
    self.write = write
  }

  /// A body that `write` writes, with fields after it. It is sent in chunks; to an HTTP/1.0 client, which knows none, without
  /// those fields.
  ///
  /// - Parameters:
  ///   - trailers: the fields that there may be. Those that say how a message is framed, routed or read cannot follow it
  ///     (RFC 9110, 6.5.1): to name one is a mistake of the program, and ends it.
  ///   - write: writes the body, once.
  public init(trailers: [HTTPField.Name], _ write: @escaping @Sendable (BodyWriter) throws -> Void) {
    for name in trailers { requirement(TrailerFields.mayFollow(name), "\(name) cannot be a trailer") }
    length = nil
    writtenLength = nil
    self.trailers = trailers
    coder = nil
    self.write = write
  }

  init(_ body: StreamedBody, _ coder: any BodyCoder & Sendable) {
    length = nil
    writtenLength = body.writtenLength
    trailers = body.trailers
    self.coder = coder
    write = body.write
  }

  /// Writes the body to `send`: for servers that are not this library's. Meanwhile ``Request/currentID`` is that of the
  /// request which it answers.
  ///
  /// - Returns: the fields that follow it.
  /// - Throws: what the body or `send` throws; ``BodyLengthError``.
  @discardableResult
  public func write(
    for request: Request, to send: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPFields {
    try BoundRequest.during(request.storage) {
      let trailers = try write(to: Sending(send: send, coder: coder))
      try coder?.finish(send)
      return trailers
    }
  }

  /// - Returns: the fields that follow the body.
  package func write(to destination: any BodyDestination) throws -> HTTPFields {
    let writer = BodyWriter(of: self, destination)
    defer { writer.end() }
    try write(writer)
    return try writer.finish()
  }
}

extension StreamedBody: Hashable {
  public static func == (left: StreamedBody, right: StreamedBody) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Another server's, which keeps nothing back that could be flushed.
private struct Sending: BodyDestination {
  let send: (UnsafeRawBufferPointer) throws -> Void
  let coder: (any BodyCoder)?

  func write(_ piece: UnsafeRawBufferPointer) throws {
    guard let coder else { return try send(piece) }
    try coder.encode(piece, send)
    try coder.flush(send)
  }
  func flush() {}
}

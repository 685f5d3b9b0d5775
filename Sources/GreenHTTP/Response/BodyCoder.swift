/// What turns a body into another one while it is sent: a content coding (RFC 9110, 8.4).
package protocol BodyCoder: AnyObject {
  /// Takes a piece, and calls `emit` with what comes of it, which may be nothing yet. May give other fibers their turn.
  func encode(_ piece: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws
  /// Gives out all that it has kept back. Neither parks nor blocks.
  func flush(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws
  /// Gives out the end. It is not used again.
  func finish(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws
}

extension StreamedBody {
  /// The same body as a coder makes it. Written once, as every body is.
  package func coded(by coder: any BodyCoder & Sendable) -> StreamedBody { StreamedBody(self, coder) }
}

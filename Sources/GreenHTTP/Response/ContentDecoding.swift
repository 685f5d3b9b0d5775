/// What takes the codings off contents that a client receives (RFC 9110, 8.4): `.standard` of the module `GreenCompression`. So
/// programs that do not ask for it load no library for it.
public struct ContentDecoding: Sendable {
  /// The names of the codings, the best first.
  package let codings: [String]
  private let make: @Sendable (String) -> (any BodyDecoder)?

  package init(_ codings: [String], _ make: @escaping @Sendable (String) -> (any BodyDecoder)?) {
    (self.codings, self.make) = (codings, make)
  }

  /// What takes a coding off one content; `nil` for one that is not known, and without memory.
  package func decoder(of coding: String) -> (any BodyDecoder)? { make(coding) }
}

/// What takes a coding off a content while it is received.
package protocol BodyDecoder: AnyObject {
  /// Sets what the next calls read. It must stay where it is until they say that they need more.
  func setInput(_ bytes: UnsafeRawBufferPointer)
  /// Writes what has been decoded, which may be nothing.
  ///
  /// - Returns: how many bytes, and whether all of the input has been used.
  /// - Throws: ``ContentCodingFault`` where the input is not what the coding says.
  func decode(into room: UnsafeMutableRawBufferPointer) throws -> (count: Int, needsInput: Bool)
  /// Whether the content may end after the input so far.
  var mayEnd: Bool { get }
}

/// A content is not coded as its fields say.
package struct ContentCodingFault: Error {
  package init() {}
}

package import HTTPTypes

/// The head of an answer, as a client reads it.
package struct ResponseHead: Sendable {
  package let status: HTTPResponse.Status
  package let version: HTTPVersion
  package let fields: HTTPFields
  let framing: Framing
  /// Whether the server lets the connection serve another request (RFC 9112, 9.3).
  package let keepsAlive: Bool

  /// How the end of the content is told (RFC 9112, 6.3).
  enum Framing {
    case length(Int)
    case chunked
    /// By the end of the connection.
    case close
  }

  /// Whether another answer follows it (RFC 9110, 15.2).
  package var isInterim: Bool { status.code < 200 }

  /// Whether no content follows it, whatever its fields say.
  ///
  /// - Parameter isAnswerToHead: whether the request's method was `HEAD`.
  func isBodiless(isAnswerToHead: Bool) -> Bool {
    isAnswerToHead || isInterim || status.code == 204 || status.code == 304
  }
}

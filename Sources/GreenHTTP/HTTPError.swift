public import HTTPTypes

/// An error that is an answer: thrown by a handler, it is sent with its status and its message as plain text.
///
/// ```swift
/// guard let user = users[id] else { throw HTTPError(.notFound, "no user \(id)") }
/// ```
///
/// The message is sent to the client: it must hold nothing the client may not know.
public struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The status to answer with.
  public var status: HTTPResponse.Status
  /// The body of the answer; the status's reason phrase when none was given.
  public var message: String
  /// Further fields of the answer, such as `Allow` or `WWW-Authenticate`.
  public var headers: HTTPFields

  /// The error that led to this one: of a `500`, what nobody handled. Never sent. Makes no difference to equality.
  public var underlying: (any Error)?

  /// An error that is answered with `status` and `message`.
  public init(
    _ status: HTTPResponse.Status, _ message: String? = nil, headers: HTTPFields = HTTPFields(),
    underlying: (any Error)? = nil
  ) {
    self.status = status
    self.message = message ?? status.reason
    self.headers = headers
    self.underlying = underlying
  }

  public static func == (one: HTTPError, other: HTTPError) -> Bool {
    one.status == other.status && one.message == other.message && one.headers == other.headers
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(status)
    hasher.combine(message)
    hasher.combine(headers)
  }

  public var description: String { "\(status.code) \(status.reason): \(message)" }
}

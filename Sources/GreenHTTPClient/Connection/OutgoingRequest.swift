internal import GreenHTTP
internal import HTTPTypes

/// A request as a connection sends it, once its fields have been found to be in order.
struct OutgoingRequest {
  let method: HTTPRequest.Method
  /// What the request line says (RFC 9112, 3.2).
  let target: String
  /// Those that the request was given and those that the client adds; not those that a version of HTTP frames it with.
  let fields: HTTPFields
  /// What the server is asked for.
  let authority: String
  let body: ResponseBody
  /// Whether the server is to say that it wants the body before that is sent.
  var expectsContinue: Bool
  /// Whether the connection is to end with it.
  let closes: Bool
  /// Whether the client has asked for a coded content, and not the caller.
  let takesCodings: Bool
  let onInterimResponse: (@Sendable (HTTPResponse) -> Void)?

  /// RFC 9110, 9.2.2: may be done twice.
  var isIdempotent: Bool { ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method.rawValue) }

  /// Whether a length of 0 is said: where a body could be expected (RFC 9110, 8.6).
  var saysEmpty: Bool { ["POST", "PUT", "PATCH"].contains(method.rawValue) }
}

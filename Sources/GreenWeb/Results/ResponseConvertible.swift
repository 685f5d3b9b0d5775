public import GreenHTTP
public import HTTPTypes

/// What a handler may return and is not `Encodable` to be sent as JSON: text, markup, statuses, responses.
///
/// An error that is one is its own answer where no error handler is for it.
public protocol ResponseConvertible: SendableMetatype {
  /// The answer this stands for. What it throws is handled as if the handler had thrown it.
  func response(for request: Request) throws -> Response
}

extension Response: ResponseConvertible {
  @inlinable
  public func response(for request: Request) -> Response { self }
}

/// Text, as `text/plain; charset=utf-8`.
extension String: ResponseConvertible {
  @inlinable
  public func response(for request: Request) -> Response { Response(self) }
}

/// Text, as `text/plain; charset=utf-8`.
extension Substring: ResponseConvertible {
  public func response(for request: Request) -> Response { Response(String(self)) }
}

/// The status, with its reason phrase as text; nothing where there can be no content (`204`, `205`, `304`).
extension HTTPResponse.Status: ResponseConvertible {
  public func response(for request: Request) -> Response {
    if code == 204 || code == 205 || code == 304 { return Response(status: self) }
    return Response(reasonPhrase.isEmpty ? "\(code)" : reasonPhrase, status: self)
  }
}

/// `nil` is `404`: what was asked for is not there.
extension Optional: ResponseConvertible where Wrapped: ResponseConvertible {
  public func response(for request: Request) throws -> Response {
    guard let value = self else { throw HTTPError(.notFound) }
    return try value.response(for: request)
  }
}

/// A body that is made while it is sent, as `application/octet-stream`.
extension StreamedBody: ResponseConvertible {
  public func response(for request: Request) -> Response {
    Response(contentType: "application/octet-stream", body: .stream(self))
  }
}

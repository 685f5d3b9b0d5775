public import GreenHTTP
internal import HTTPTypes

extension InvalidInput: ResponseConvertible {
  /// The status that it is answered with.
  var status: HTTPResponse.Status { .unprocessableContent }

  /// The answer: what is wrong as JSON, `422`.
  public func response(for request: Request) throws -> Response {
    let options = request.jsonOptions
    guard request.takesProblems else { return try Response.json(self, status: status, options: options) }
    var response = try Response.json(
      Problem(type: "about:blank", title: status.reasonPhrase, status: status.code, errors: errors), status: status,
      options: options)
    response.contentType = "application/problem+json"
    return response
  }
}

/// RFC 9457, 3.
private struct Problem: Encodable {
  var type: String
  var title: String
  var status: Int
  var errors: [InvalidInput.Field]
}

extension Request {
  /// Whether the client says that it knows what `application/problem+json` is.
  fileprivate var takesProblems: Bool { AcceptedTypes(header(.accept)).names("application/problem+json") }
}

import GreenHTTP
import GreenWeb
import HTTPTypes

extension App {
  /// The answer to a request that has only a method and a target.
  func ask(_ method: String, _ target: String) throws -> Response {
    respond(to: try Request(HTTPRequest.Method(method)!, target))
  }

  /// The answer to a `GET`.
  func ask(_ target: String) throws -> Response { try ask("GET", target) }

  /// The answer to a request with a body.
  func ask(_ method: String, _ target: String, type: String?, body: String) throws -> Response {
    var headers: HTTPFields = [.contentLength: "\(body.utf8.count)"]
    headers[.contentType] = type
    return respond(
      to: try Request(HTTPRequest.Method(method)!, target, headers: headers, body: Array(body.utf8)))
  }
}

extension Response {
  /// The body as text.
  var text: String {
    body.withBytes { String(decoding: $0, as: UTF8.self) } ?? "a stream"
  }
}

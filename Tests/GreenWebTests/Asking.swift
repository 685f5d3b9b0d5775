import GreenHTTP
import GreenWeb

extension App {
  /// The answer to a request that has only a method and a target.
  func ask(_ method: String, _ target: String) throws -> Response {
    respond(to: try Request(parsing: "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n"))
  }

  /// The answer to a `GET`.
  func ask(_ target: String) throws -> Response { try ask("GET", target) }

  /// The answer to a request with a body.
  func ask(_ method: String, _ target: String, type: String?, body: String) throws -> Response {
    let contentType = type.map { "Content-Type: \($0)\r\n" } ?? ""
    return respond(
      to: try Request(
        parsing:
          "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\(contentType)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"))
  }
}

extension Response {
  /// The body as text.
  var text: String {
    switch body {
    case .empty: ""
    case .string(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .stream: "a stream"
    }
  }
}

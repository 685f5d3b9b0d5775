import GreenHTTP

/// A request to the master's own port, of HTTP what that takes: a method and a path. Bodies are not read.
struct StatusRequest: Equatable {
  enum Reading: Equatable {
    /// More is to come.
    case incomplete
    case bad
    case request(StatusRequest)
  }

  let isHead: Bool
  let method: String
  let path: String

  static let metricsPath = "/metrics"
  var isForMetrics: Bool { path == Self.metricsPath && (method == "GET" || isHead) }

  /// Looks for a head in what has come.
  ///
  /// - Parameter scanned: how much of it was looked at before, without its end.
  static func read(_ bytes: [UInt8], scanned: Int = 0) -> Reading {
    // The end may have come in pieces: of its four bytes three were there.
    let fresh = bytes[max(0, min(scanned, bytes.count) - 3)...]
    let ends = ["\r\n\r\n", "\n\n"].map { Array($0.utf8) }
    guard ends.contains(where: { fresh.firstRange(of: $0) != nil }) else { return .incomplete }
    let line = String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
    let words = line.pieces(between: " ")
    guard words.count == 3, words[1].begins(with: "/"), words[2].begins(with: "HTTP/1.") else { return .bad }
    let path = words[1].before("?")
    return .request(StatusRequest(isHead: words[0] == "HEAD", method: String(words[0]), path: String(path)))
  }
}

/// An answer on the master's own port. The connection ends after it.
struct StatusAnswer: Equatable {
  var status: Int
  var mediaType = "text/plain; charset=utf-8"
  var body: String

  /// The answer as it is sent.
  func bytes(isHead: Bool) -> [UInt8] {
    let reasons = [
      200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable",
    ]
    var head = "HTTP/1.1 \(status) \(reasons[status] ?? "")\r\n"
    head += "Content-Type: \(mediaType)\r\nContent-Length: \(body.utf8.count)\r\nCache-Control: no-store\r\n"
    if status == 405 { head += "Allow: GET, HEAD\r\n" }
    head += "Connection: close\r\n\r\n"
    return Array((isHead ? head : head + body).utf8)
  }
}

internal import GreenHTTP

/// Connections of HTTP/1, and a handler that asks for all that there is to know.
enum RequestFuzzing {
  static let chunkedHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  static func complaint(_ bytes: [UInt8], cut: UInt8) -> String? {
    let whole = outcome(bytes, piece: 0)
    let pieces = outcome(bytes, piece: 1 + Int(cut) % 64)
    return whole == pieces ? nil : "whole: \(whole)\nin pieces: \(pieces)"
  }

  private static func outcome(_ bytes: [UInt8], piece: Int) -> [String] {
    let notes = Notes()
    let stream = PieceStream(bytes, piece: piece)
    HTTPConnection(stream: stream, application: Handler { try curious($0, notes) }).serve()
    return notes.lines + statuses(stream.sent)
  }

  private static func curious(_ request: Request, _ notes: Notes) throws -> Response {
    let forwarded = "\(request.client) \(request.scheme) \(request.host ?? "-") \(request.rootPath)"
    notes.lines.append("\(request.method) \(request.target) \(request.path) \(request.rawQuery ?? "-") \(forwarded)")
    notes.lines.append("\(request.rawHeaders) \(request.headers.count)")
    defer { notes.lines.append("\(request.trailers)") }
    notes.lines.append("\(try request.body.bytes())")
    return Response("0123456789").conditional(
      for: request, entityTag: EntityTag("a"), lastModified: 1_000_000_000, ranges: true)
  }

  /// The answers' statuses. Whether a client is told to go on depends on how its bytes come.
  private static func statuses(_ sent: [UInt8]) -> [String] {
    let lines = String(decoding: sent, as: UTF8.self).split(separator: "\r\n")
    return lines.filter { $0.hasPrefix("HTTP/1.1 ") && !$0.hasPrefix("HTTP/1.1 100 ") }.map(String.init)
  }
}

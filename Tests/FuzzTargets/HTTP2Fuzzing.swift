internal import Green
internal import GreenHTTP
internal import GreenHTTP2

/// A connection of HTTP/2 after its beginning. How much is answered before the client ends depends on the moment; that all
/// ends does not.
enum HTTP2Fuzzing {
  private static let beginning = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

  static func complaint(_ bytes: [UInt8], cut: UInt8) -> String? {
    do {
      try Hub.run { serve(bytes, piece: Int(cut)) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func serve(_ bytes: [UInt8], piece: Int) {
    var configuration = HTTPConfiguration()
    configuration.http2 = .nghttp2
    configuration.concurrentStreams = 5
    configuration.limits.body = 10_000
    let handler = Handler { request in
      let fields = request.headers.count == request.rawHeaders.count
      let body = try request.body.bytes()
      return Response(
        "\(request.method) \(request.target) \(request.host ?? "-") \(fields) \(body.count) \(request.trailers)")
    }
    // The handlers have a moment before the client has gone.
    let stream = PieceStream(beginning + bytes, piece: piece) { for _ in 0..<10 { Fiber.yield() } }
    HTTPConnection(stream: stream, application: handler, configuration: configuration).serve()
  }
}

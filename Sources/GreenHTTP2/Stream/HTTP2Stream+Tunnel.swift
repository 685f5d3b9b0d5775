internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// Another protocol over a stream: RFC 8441. To the application the request is HTTP/1's, and so is its answer.
extension HTTP2Stream {
  /// Opens the stream to the protocol that the application has agreed to, and speaks it until it ends.
  func speak(
    _ upgrade: Upgrade, after response: Response, to request: Request, on connection: HTTP2Connection
  ) {
    guard !isAbandoned else { return }
    let handedOver = HandedOverConnection(
      TunnelStream(self), received: UnsafeRawBufferPointer(start: nil, count: 0), to: upgrade)
    var opening = response
    opening.status = .ok
    // The key that this would answer was never sent.
    opening.headers[.secWebSocketAccept] = nil
    submit(opening, contentLength: nil, hasBody: true, on: connection)
    tunnel = handedOver
    handedOver.speak { failed(request, $0, connection.observer) }
    tunnel = nil
    endBody()
  }
}

extension RequestState {
  /// Sets the body up from the head: its length, and what of it has come with the head.
  @inline(__always)
  mutating func prepareBody() {
    // A body's own array is let go only if there was one: most requests have none.
    if body.collected != nil { body.collected = nil }
    body.length = max(head.contentLength, 0)
    body.remaining = body.length
    body.received = min(body.length, buffer.bytes.count - headLength)
    body.buffered = body.received
    body.isBroken = false
    // RFC 9110, 10.1.1: not for HTTP/1.0, and not when the client has not waited.
    body.awaitsContinue =
      body.remaining > 0 && body.buffered == 0 && head.version == .http1_1 && head.notices.contains(.expectContinue)
  }
}

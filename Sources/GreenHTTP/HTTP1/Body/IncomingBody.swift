/// How much of a body has been received, and whether any more can be.
struct IncomingBody {
  /// Whether it comes in chunks: see ``ChunkedBody``. Nobody knows its length then.
  var isChunked = false
  /// The length the head declared.
  var length = 0
  /// How many of those bytes have not been handed out; `Int.max` before the end of a chunked body.
  var remaining = 0
  /// How many bytes of the body came with the head, and lie after it.
  var received = 0
  /// How many of the remaining bytes are among the received ones.
  var buffered = 0
  /// Whether the client waits for `100 (Continue)` before it sends the body.
  var awaitsContinue = false
  /// Whether reading has failed; what follows on the connection is then unknown.
  var isBroken = false

  /// No body.
  init() {}

  /// Whether all of it has been received, if not read.
  var isReceived: Bool { remaining == buffered }

  /// The body after a whole head.
  ///
  /// - Parameter following: how many bytes came together with the head, and after it.
  @inline(__always)
  init(after head: HeadParser, _ version: HTTPVersion, following: Int) {
    isChunked = head.notices.contains(.chunked)
    length = max(head.contentLength, 0)
    remaining = isChunked ? .max : length
    received = min(length, following)
    buffered = received
    // RFC 9110, 10.1.1: not for HTTP/1.0, and not when the client has not waited.
    awaitsContinue =
      remaining > 0 && (isChunked ? following : buffered) == 0 && version == .http1_1
      && head.notices.contains(.expectContinue)
  }
}

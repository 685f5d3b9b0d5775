internal import Green
internal import HTTPTypes

extension HTTPConnection {
  /// Sends an answer whose body is made meanwhile. Returns how many bytes of body went out.
  ///
  /// - Throws: the stream's error, or the body's: then the connection must end, since the answer has not.
  @inline(never)
  func send(_ response: borrowing Response, streaming body: StreamedBody, to head: borrowing RequestHead, keep: Bool)
    throws -> Int
  {
    try sendHeld()
    let sendsBody = sendsBody(response.status, to: head)
    // To an HTTP/1.0 client a body without a length ends with the connection, which is not kept then: RFC 9112, 6.3.
    let isChunked = sendsBody && body.length == nil && head.version != .http1_0
    writeHead(
      response, contentLength: response.status.isBodiless ? -1 : response.status.isReset ? 0 : body.length ?? -1,
      connection: connectionOption(keep: keep, head.version), isChunked: isChunked,
      trailers: isChunked ? body.trailers : [], andRoomFor: 0)
    guard sendsBody else {
      try flush()
      return 0
    }
    let answer = StreamedAnswer(self, isChunked: isChunked, coder: body.coder)
    streamedAnswer = answer
    defer { streamedAnswer = nil }
    do {
      return try answer.finish(body.write(to: answer))
    } catch {
      answer.abandon()
      sentOfBroken = answer.bodyBytes
      throw error
    }
  }
}

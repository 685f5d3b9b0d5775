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
    let sendsBody = sendsBody(response.status, to: head)
    // To an HTTP/1.0 client a body without a length ends with the connection, which is not kept then: RFC 9112, 6.3.
    let isChunked = sendsBody && body.length == nil && head.version != .http1_0
    writeHead(
      response, contentLength: response.status.isBodiless ? -1 : response.status.isReset ? 0 : body.length ?? -1,
      connection: connectionOption(keep: keep, head.version), isChunked: isChunked, andRoomFor: 0)
    try flush()
    guard sendsBody else { return 0 }
    // Several fibers may write to one body: while one waits for the client, no other touches the buffer or the stream.
    let progress = Mutex((count: 0, hasEnded: false))
    try body.write { piece in
      self.observer?.answerGoesOn()
      try progress.withLock { progress in
        // It waited for its turn while the function that makes the body returned.
        if progress.hasEnded { throw BodyEndedError() }
        if isChunked { try self.sendChunk(piece) } else { try self.stream.send(piece, pace: self.sendPace) }
        progress.count += piece.count
      }
    }
    observer?.answerGoesOn()
    return try progress.withLock { progress in
      progress.hasEnded = true
      guard isChunked else { return progress.count }
      var cursor = output.reserve(8)
      cursor.append("0\r\n\r\n")
      output.advance(to: cursor)
      try flush()
      return progress.count
    }
  }

  /// One chunk, RFC 9112, 7.1, in one send unless it is long.
  private func sendChunk(_ bytes: UnsafeRawBufferPointer) throws {
    let size = String(bytes.count, radix: 16)
    let isShort = bytes.count <= Self.copyLimit
    var cursor = output.reserve(size.utf8.count + 4 + (isShort ? bytes.count : 0))
    cursor.append(size)
    cursor.append("\r\n")
    if isShort {
      cursor.append(bytes)
      cursor.append("\r\n")
    }
    output.advance(to: cursor)
    try flush()
    if isShort { return }
    try stream.send(bytes, pace: sendPace)
    cursor = output.reserve(2)
    cursor.append("\r\n")
    output.advance(to: cursor)
    try flush()
  }
}

package import HTTPTypes

extension HTTPConnection {
  /// The longest body that is copied after the head. A longer one is sent from where it lies: what the connection holds
  /// beside the answer while the client takes its time fits into the buffer that it keeps anyway.
  private static var copyLimit: Int { OutputBuffer.keptCapacity }

  /// Sends an answer whose body is not a stream, head and body in one send unless the body is long. Returns how many bytes of
  /// body went out.
  ///
  /// - Parameter isFollowed: whether another answer comes after it, for which it may wait.
  @inline(__always)
  func send(
    _ response: borrowing Response, to head: borrowing RequestHead, keep: Bool, isFollowed: Bool
  ) throws -> Int {
    let isBodiless = response.status.isBodiless
    let sendsBody = sendsBody(response.status, to: head)
    let bodyCount = response.status.isReset ? 0 : response.body.count ?? 0
    // RFC 9110, 8.6: never with 204. A handler may state the length for HEAD that it does not care to make, and for 304
    // that of the representation the client has.
    var contentLength = isBodiless ? -1 : bodyCount
    if !sendsBody && bodyCount == 0 && response.status.code != 204 && !response.headers.isEmpty {
      contentLength = response.statedContentLength ?? contentLength
    }
    let isCopied = bodyCount <= Self.copyLimit
    writeHead(
      response, contentLength: contentLength, connection: connectionOption(keep: keep, head.version),
      andRoomFor: sendsBody && isCopied ? bodyCount : 0)
    guard sendsBody && bodyCount > 0 else {
      if !(isFollowed && hold()) { try flush() }
      return 0
    }
    switch response.body.content {
    case .empty, .stream, .upgrade: try flush()
    case .string(let string): try string.withBytes { try send($0, isCopied: isCopied, isFollowed: isFollowed) }
    case .bytes(let bytes): try bytes.withUnsafeBytes { try send($0, isCopied: isCopied, isFollowed: isFollowed) }
    }
    return bodyCount
  }

  /// Sends the output buffer and a body after it: together, where that is copied.
  @inline(__always)
  private func send(_ body: UnsafeRawBufferPointer, isCopied: Bool, isFollowed: Bool) throws {
    guard isCopied else { return try flush(followedBy: body) }
    var cursor = output.reserve(body.count)
    cursor.append(body)
    output.advance(to: cursor)
    if isFollowed && hold() { return }
    try flush()
  }

  @inline(__always)
  func sendsBody(_ status: HTTPResponse.Status, to head: borrowing RequestHead) -> Bool {
    !status.isBodiless && !status.isReset && head.method != .head
  }

  @inline(__always)
  func connectionOption(keep: Bool, _ version: HTTPVersion) -> ConnectionOption? {
    keep ? version == .http1_0 ? .keepAlive : nil : .close
  }
}

extension HTTPResponse.Status {
  /// RFC 9112, 6.3: these have no body, whatever their fields say.
  @inline(__always)
  package var isBodiless: Bool { code == 204 || code == 304 }

  /// RFC 9110, 15.3.6: 205 has no content, but a client reads one from its framing as with any other.
  @inline(__always)
  package var isReset: Bool { code == 205 }
}

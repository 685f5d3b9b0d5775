package import HTTPTypes

/// Answers that go before the final one (RFC 9110, 15.2).
extension HTTPConnection {
  /// Tells a client that waits for it that it may send its body. The head of the answer may lie in the buffer already; once
  /// it has been sent, what came now would be part of the answer's body.
  func sendContinue() throws {
    if streamedAnswer?.hasBegun ?? false { return }
    if streamedAnswer == nil { try sendHeld() }
    let text: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    try stream.send(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), pace: sendPace)
  }

  /// RFC 8297. The buffer is not used: it may hold something already.
  package func sendEarlyHints(_ fields: HTTPFields, for storage: RequestStorage) throws {
    guard storage.state.pointee.head.version == .http1_1, exchange.pointee.isHandled else { return }
    // A child that a handler has forked says nothing to the client.
    observer?.answerGoesOn()
    try sendHeld()
    let hints = OutputBuffer()
    defer {
      hints.removeAll()
      hints.deallocate()
    }
    hints.append("HTTP/1.1 103 Early Hints\r\n")
    for field in fields where !field.name.isOfFraming { hints.append(field) }
    hints.append("\r\n")
    try stream.send(hints.bytes, pace: sendPace)
  }
}

extension HTTPField.Name {
  /// Whether the field tells how a message is framed, or is about the connection: those are the server's.
  var isOfFraming: Bool {
    switch self {
    case .contentLength, .transferEncoding, .connection, .trailer, .upgrade: true
    default: false
    }
  }
}

/// What a close frame says (RFC 6455, 5.5.1): nothing, or a code and a reason in UTF-8.
struct CloseFrame: Equatable {
  var code: CloseCode
  var reason = ""

  /// What a payload says. Throws ``WebSocketError`` for one that may not be.
  init(parsing payload: [UInt8]) throws(WebSocketError) {
    if payload.isEmpty {
      code = .none
      return
    }
    guard payload.count >= 2 else { throw WebSocketError(.protocolError, "a close frame has half of a code") }
    code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
    guard code.canBeSent else {
      throw WebSocketError(.protocolError, "a close frame has the code \(code), which is never sent")
    }
    guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
      throw WebSocketError(.invalidData, "the reason in a close frame is not UTF-8")
    }
    self.reason = reason
  }

  init(_ code: CloseCode, reason: String = "") {
    self.code = code
    self.reason = reason
  }

  /// As it is sent: at most 125 bytes, the reason cut at the end of a character.
  var payload: [UInt8] {
    guard code.canBeSent else { return [] }
    var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xff)]
    for character in reason.unicodeScalars {
      let bytes = UTF8.encode(character)!
      if payload.count + bytes.count > 125 { break }
      payload += bytes
    }
    return payload
  }
}

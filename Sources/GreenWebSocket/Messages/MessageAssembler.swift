/// Makes messages of frames (RFC 6455, 5.4): which frame may follow which, how long a message may be, and that text is
/// text. A value that knows no connection.
struct MessageAssembler {
  let maximum: Int
  private var inflater: Inflater?

  private var opcode: Opcode?
  private var isCompressed = false
  private var bytes: [UInt8] = []
  private var check = UTF8Check()
  /// Of the payloads so far, as they came.
  private var received = 0

  init(maximum: Int, compression: AgreedCompression?) {
    self.maximum = maximum
    inflater = compression.map(Inflater.init)
  }

  /// Whether a message has begun and not ended.
  var isInMessage: Bool { opcode != nil }

  /// Takes the head of a data frame.
  mutating func begin(_ head: FrameHead) throws(WebSocketError) {
    if head.opcode == .continuation {
      if opcode == nil { throw WebSocketError(.protocolError, "a continuation frame has no message to continue") }
      if head.isCompressed { throw WebSocketError(.protocolError, "a continuation frame has RSV1 set") }
    } else {
      if opcode != nil { throw WebSocketError(.protocolError, "a message begins before the last has ended") }
      if head.isCompressed && inflater == nil {
        throw WebSocketError(.protocolError, "a frame has RSV1 set, and no compression was agreed on")
      }
      opcode = head.opcode
      isCompressed = head.isCompressed
      check = UTF8Check()
      received = 0
    }
    // What deflate cannot compress it makes longer by a little.
    let (slack, isUnbounded) = maximum.addingReportingOverflow(maximum / 1000 + 64)
    let most = isCompressed ? (isUnbounded ? .max : slack) : maximum
    let (sum, overflow) = received.addingReportingOverflow(head.length)
    if overflow || sum > most { throw tooLong }
    received = sum
    // Of the first alone: to reserve for each of many would copy what is there each time.
    if !isCompressed && head.opcode != .continuation { bytes.reserveCapacity(min(head.length, 1 << 20)) }
  }

  /// Takes a piece of a data frame's payload, unmasked.
  mutating func take(_ piece: UnsafeRawBufferPointer) throws(WebSocketError) {
    guard isCompressed else { return try append(piece) }
    // Taken out for the time, so that the closure may use the rest of this value.
    guard var inflater else { return }
    self.inflater = nil
    defer { self.inflater = inflater }
    try inflater.take(piece) { (plain) throws(WebSocketError) in try append(plain) }
  }

  /// Ends the last frame of a message, and hands out the message.
  mutating func finish() throws(WebSocketError) -> WebSocketMessage {
    if isCompressed, var inflater {
      self.inflater = nil
      defer { self.inflater = inflater }
      try inflater.finish { (plain) throws(WebSocketError) in try append(plain) }
    }
    let content = bytes
    let isText = opcode == .text
    bytes = []
    opcode = nil
    guard isText else { return .binary(content) }
    guard check.isAtEnd, let text = String(validating: content, as: UTF8.self) else { throw notText }
    return .text(text)
  }

  /// Gives memory of zlib's back.
  mutating func end() { inflater?.end() }

  private mutating func append(_ piece: UnsafeRawBufferPointer) throws(WebSocketError) {
    if piece.count > maximum - bytes.count { throw tooLong }
    if opcode == .text && !check.take(piece) { throw notText }
    bytes.append(contentsOf: piece)
  }

  private var tooLong: WebSocketError {
    WebSocketError(.messageTooBig, "a message is longer than \(maximum) bytes")
  }

  private var notText: WebSocketError { WebSocketError(.invalidData, "a text message is not UTF-8") }
}

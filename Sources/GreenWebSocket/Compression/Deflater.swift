/// Compresses the messages of one connection (RFC 7692, 7.2.1).
struct Deflater {
  let agreed: AgreedCompression
  private var kept: DeflateStream?

  init(_ agreed: AgreedCompression) { self.agreed = agreed }

  /// The payload for a message, without the four bytes that end every one.
  mutating func compress(_ message: UnsafeRawBufferPointer) throws(WebSocketError) -> [UInt8] {
    let stream: DeflateStream
    if let kept {
      stream = kept
    } else {
      stream = try .take(.compressor(window: agreed.sendWindow, level: agreed.compression.level))
    }
    kept = nil
    var payload: [UInt8] = []
    payload.reserveCapacity(message.count / 2 + 64)
    _ = try stream.pass(message, flush: true) { payload.append(contentsOf: $0) }
    if payload.suffix(4) == [0, 0, 0xff, 0xff] { payload.removeLast(4) }
    // zlib writes nothing for an empty message after another: an empty block stands for it (7.2.3.6).
    if payload.isEmpty { payload = [0] }
    if agreed.sendsWithContext { kept = stream } else { stream.giveBack() }
    return payload
  }

  /// Gives the memory back.
  mutating func end() {
    kept?.giveBack()
    kept = nil
  }
}

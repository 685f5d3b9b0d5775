/// Decompresses the messages of one connection (RFC 7692, 7.2.2).
struct Inflater {
  let agreed: AgreedCompression
  private var stream: DeflateStream?
  /// Whether the data so far end with a last block (7.2.3.4): then the four bytes that senders leave out are not missing.
  private var hasEnded = false

  init(_ agreed: AgreedCompression) { self.agreed = agreed }

  /// Takes a piece of a message's payload, and calls `body` with each piece of the message.
  mutating func take(
    _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(WebSocketError) -> Void
  ) throws(WebSocketError) {
    if piece.isEmpty { return }
    let stream: DeflateStream
    if let kept = self.stream { stream = kept } else { stream = try .take(.decompressor(window: agreed.receiveWindow)) }
    self.stream = stream
    hasEnded = try stream.pass(piece, flush: false, body)
  }

  /// Ends a message.
  mutating func finish(_ body: (UnsafeRawBufferPointer) throws(WebSocketError) -> Void) throws(WebSocketError) {
    if !hasEnded {
      let tail: [UInt8] = [0, 0, 0xff, 0xff]
      var fault: WebSocketError?
      tail.withUnsafeBytes { bytes in
        do throws(WebSocketError) { try take(bytes, body) } catch { fault = error }
      }
      if let fault { throw fault }
    }
    if !agreed.receivesWithContext { end() }
    hasEnded = false
  }

  /// Gives the memory back.
  mutating func end() {
    stream?.giveBack()
    stream = nil
  }
}

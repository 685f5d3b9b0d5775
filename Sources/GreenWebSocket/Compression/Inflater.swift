/// Decompresses the messages of one connection (RFC 7692, 7.2.2).
struct Inflater {
  let agreed: AgreedCompression
  private var stream: DeflateStream?
  /// Whether the message's data have said that they end (7.2.3.4), before the message has.
  private var hasEnded = false

  init(_ agreed: AgreedCompression) { self.agreed = agreed }

  /// Takes a piece of a message's payload, and calls `body` with each piece of the message.
  mutating func take(
    _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(WebSocketError) -> Void
  ) throws(WebSocketError) {
    // After the last block there is a byte of zero at the most, which stands for an empty block.
    if hasEnded {
      guard piece.allSatisfy({ $0 == 0 }), piece.count <= 1 else {
        throw WebSocketError(.invalidData, "a compressed message goes on after its end")
      }
      return
    }
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
    if hasEnded || !agreed.receivesWithContext { end() }
    hasEnded = false
  }

  /// Gives the memory back.
  mutating func end() {
    stream?.giveBack()
    stream = nil
  }
}

internal import CDeflate
internal import Green

/// One direction's compressor or decompressor.
///
/// Where messages do not refer to each other it belongs to a connection for the time of one message, and is used by others
/// after that: so the memory, 270 KB for a compressor and 40 KB for the other, is bound by what runs at once and not by the
/// number of connections.
struct DeflateStream {
  enum Kind: Hashable {
    case compressor(window: Int, level: Int)
    case decompressor(window: Int)
  }

  let kind: Kind
  let raw: OpaquePointer

  /// Kept for the next: few, since with fibers few are in use at once.
  private static let spare = Guarded<[Kind: [DeflateStream]]>([:])
  private static let mostSpare = 4

  /// One that remembers nothing. Throws where there is no memory for one.
  static func take(_ kind: Kind) throws(WebSocketError) -> DeflateStream {
    if let kept = spare.withLock({ $0[kind]?.popLast() }) { return kept }
    let made =
      switch kind {
      case .compressor(let window, let level): cdeflate_compressor(CDEFLATE_RAW, CInt(window), CInt(level))
      case .decompressor(let window): cdeflate_decompressor(CDEFLATE_RAW, CInt(window))
      }
    guard let made else { throw WebSocketError(.internalError, "there is no memory to compress messages with") }
    return DeflateStream(kind: kind, raw: made)
  }

  /// Ends its use.
  func giveBack() {
    cdeflate_reset(raw)
    let isKept = DeflateStream.spare.withLock { spare in
      guard spare[kind, default: []].count < DeflateStream.mostSpare else { return false }
      spare[kind, default: []].append(self)
      return true
    }
    if !isKept { cdeflate_free(raw) }
  }

  /// Passes `bytes` through, and calls `body` with each piece of what comes out.
  ///
  /// - Returns: whether the data said that they end here.
  func pass(
    _ bytes: UnsafeRawBufferPointer, flush: Bool, _ body: (UnsafeRawBufferPointer) throws(WebSocketError) -> Void
  ) throws(WebSocketError) -> Bool {
    cdeflate_input(raw, bytes.baseAddress, bytes.count)
    var outcome = CDEFLATE_MORE
    var fault: WebSocketError?
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { output in
      while outcome == CDEFLATE_MORE && fault == nil {
        var written = 0
        outcome = cdeflate_run(
          raw, flush ? CDEFLATE_SYNC : CDEFLATE_NO_FLUSH, output.baseAddress, output.count, &written)
        do throws(WebSocketError) {
          try body(UnsafeRawBufferPointer(rebasing: output[..<written]))
        } catch { fault = error }
      }
    }
    if let fault { throw fault }
    if outcome == CDEFLATE_BAD { throw WebSocketError(.invalidData, "a message cannot be decompressed") }
    return outcome == CDEFLATE_END
  }
}

internal import CContentCoding
internal import GreenHTTP

/// One content's decompressor.
///
/// Unsafe: it belongs to one answer, which one fiber or thread reads at a time.
final class Decoder: BodyDecoder, @unchecked Sendable {
  private let raw: OpaquePointer

  /// `nil` without memory for another.
  init?(_ coding: ContentCoding) {
    guard let raw = ccoding_decoder_make(coding.kind) else { return nil }
    self.raw = raw
  }

  deinit { ccoding_decoder_free(raw) }

  func setInput(_ bytes: UnsafeRawBufferPointer) { ccoding_decoder_input(raw, bytes.baseAddress, bytes.count) }

  func decode(into room: UnsafeMutableRawBufferPointer) throws -> (count: Int, needsInput: Bool) {
    var written = 0
    let outcome = ccoding_decoder_run(raw, room.baseAddress, room.count, &written)
    if outcome == CCODING_BAD { throw ContentCodingFault() }
    return (written, outcome == CCODING_DONE)
  }

  var mayEnd: Bool { ccoding_decoder_ended(raw) }
}

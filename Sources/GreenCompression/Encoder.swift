internal import CContentCoding
internal import Green
internal import GreenHTTP
internal import Synchronization

/// One body's compressor.
///
/// Unsafe: it belongs to one answer, which the connection makes in one fiber or thread at a time.
final class Encoder: BodyCoder, @unchecked Sendable {
  private let raw: OpaquePointer
  private let key: SpareEncoders.Key

  /// `nil` where there are too many already, or no memory for another.
  init?(_ coding: ContentCoding, level: Int) {
    key = SpareEncoders.Key(coding: coding, level: Int32(min(max(level, 1), 9)))
    guard let raw = SpareEncoders.take(key) else { return nil }
    self.raw = raw
  }

  deinit { SpareEncoders.give(raw, key) }

  func encode(_ piece: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = piece
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.mostAtOnce))
      rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
      try run(part, CCODING_GO_ON, emit)
      // It takes longer than any system call, and others wait for their turn.
      if !rest.isEmpty { Fiber.yield() }
    }
  }

  func flush(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws { try run(nil, CCODING_FLUSH, emit) }

  func finish(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws { try run(nil, CCODING_FINISH, emit) }

  /// All of a body that is in memory.
  func whole(_ body: ResponseBody) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try body.withBytes { try run($0, CCODING_FINISH) { bytes += $0 } }
    return bytes
  }

  /// About half a millisecond of work.
  private static var mostAtOnce: Int { 32_768 }

  private func run(
    _ input: UnsafeRawBufferPointer?, _ mode: ccoding_mode, _ emit: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    ccoding_input(raw, input?.baseAddress, input?.count ?? 0)
    try withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { room in
      var outcome = CCODING_MORE
      while outcome == CCODING_MORE {
        var written = 0
        outcome = ccoding_run(raw, mode, room.baseAddress, room.count, &written)
        if outcome == CCODING_BAD { throw CompressionError() }
        if written > 0 { try emit(UnsafeRawBufferPointer(rebasing: room[..<written])) }
      }
    }
  }
}

/// What a compressor says that has no memory to go on with.
struct CompressionError: Error, CustomStringConvertible {
  var description: String { "the body could not be compressed" }
}

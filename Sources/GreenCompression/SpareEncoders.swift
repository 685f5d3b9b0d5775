internal import CContentCoding
internal import Green

/// The compressors of a process: at once no more than their memory allows, of which a few that are not in use are kept, since to
/// make one costs more than to compress a page.
enum SpareEncoders {
  struct Key: Hashable {
    let coding: ContentCoding
    let level: Int32
  }

  private struct State {
    /// Bytes that those take that are in use.
    var inUse = 0
    var spare: [Key: [OpaquePointer]] = [:]
  }

  // Unsafe: a compressor that is kept belongs to nobody, and is handed on under the lock.
  private static let state = Guarded(State())
  private static let mostSpare = 4

  static func take(_ key: Key) -> OpaquePointer? {
    let (kept, isFull) = state.withLock { state -> (OpaquePointer?, Bool) in
      if state.inUse + key.coding.memory > Compression.maximumMemory { return (nil, true) }
      state.inUse += key.coding.memory
      return (state.spare[key]?.popLast(), false)
    }
    if isFull { return nil }
    if let made = kept ?? ccoding_make(key.coding.kind, key.level) { return made }
    state.withLock { $0.inUse -= key.coding.memory }
    return nil
  }

  static func give(_ encoder: OpaquePointer, _ key: Key) {
    let isClean = ccoding_reset(encoder) != 0
    let isKept = state.withLock { state in
      state.inUse -= key.coding.memory
      guard isClean, state.spare[key, default: []].count < mostSpare else { return false }
      state.spare[key, default: []].append(encoder)
      return true
    }
    if !isKept { ccoding_free(encoder) }
  }
}

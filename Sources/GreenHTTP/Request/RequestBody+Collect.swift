internal import Glibc

extension RequestBody {
  /// What a client may declare without having sent any of it.
  private static var trusted: Int { 1 << 20 }
  /// What it may declare once a part has come. Memory that nothing has been put in yet costs address space only.
  private static var trustedOnce: Int { 256 << 20 }

  /// The rest of a body whose length was declared.
  func allDeclared() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let left = storage.state.pointee.body.left
      if left == 0 { return bytes }
      // After the first part the array is as long as the body, unless that is very long: then it doubles.
      let room = bytes.isEmpty ? Self.trusted : max(Self.trustedOnce - bytes.count, bytes.count)
      bytes = try extended(bytes, by: min(left, room))
    }
  }

  /// `bytes` and the next `count` of the body, in a new array.
  private func extended(_ bytes: [UInt8], by count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: bytes.count + count) { memory, filled in
      let memory = UnsafeMutableRawBufferPointer(memory)
      Self.useLargePages(memory)
      memory.copyBytes(from: bytes)
      filled = bytes.count
      while filled < memory.count {
        // A reader gets at least one byte here, or an error: the body has not ended.
        filled += try take(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
      }
    }
  }

  /// Asks for pages of 2 MB, `MADV_HUGEPAGE` of `madvise(2)`: the first touch of each page of 4 KB costs more than the bytes
  /// that are put there.
  private static func useLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    let page = 2 << 20
    guard memory.count >= 2 * page, let base = memory.baseAddress else { return }
    let start = base.alignedUp(toMultipleOf: page)
    let count = (memory.count - (start - base)) & ~(page - 1)
    madvise(start, count, CInt(MADV_HUGEPAGE))
  }

  /// All that a source gives, whose end only it knows.
  func allThereIs() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let room = max(bytes.count, 65_536)
      let piece = try [UInt8](unsafeUninitializedCapacity: room) { memory, filled in
        let memory = UnsafeMutableRawBufferPointer(memory)
        while filled < room,
          case let count = try take(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...])),
          count > 0
        { filled += count }
      }
      if bytes.isEmpty { bytes = piece } else { bytes.append(contentsOf: piece) }
      if piece.count < room { return bytes }
    }
  }
}

internal import CFiber
internal import Glibc

extension RuntimeLocals {
  /// Finds the words by comparing the thread-local blocks of the Swift runtime's images before and inside.
  struct Probe {
    private let blocks: [UnsafeMutableRawBufferPointer]

    init() {
      var found = [cfiber_thread_block](repeating: cfiber_thread_block(), count: 64)
      let count = cfiber_thread_blocks(&found, found.count)
      blocks = found[..<count].map { UnsafeMutableRawBufferPointer(start: $0.base, count: $0.size) }
    }

    /// The words that change inside a job, a task-local scope and an access, and are back to what they were after it.
    /// Words that change in one of two rounds only are somebody else's.
    func words() -> [UnsafeMutableRawPointer] {
      round()  // whatever is made lazily is made in this one
      let first = round()
      return round().filter(first.contains)
    }

    @discardableResult
    private func round() -> [UnsafeMutableRawPointer] {
      let before = Snapshot(blocks), after = Snapshot(blocks)
      let inJob = Snapshot(blocks), inScope = Snapshot(blocks), inAccess = Snapshot(blocks)
      defer { for snapshot in [before, after, inJob, inScope, inAccess] { snapshot.free() } }
      let box = RuntimeMarks.Box()
      before.take()
      RuntimeMarks.insideJob { inJob.take() }
      RuntimeMarks.$number.withValue(1) { inScope.take() }
      RuntimeMarks.insideAccess(to: box) { inAccess.take() }
      after.take()
      let marked = [inJob, inScope, inAccess].flatMap { before.differences(from: $0) }
      let noise = before.differences(from: after)
      return Set(marked).subtracting(noise).sorted()
    }
  }

  /// A copy of the blocks. It is taken in the middle of what is probed, so it must not allocate or touch a class.
  struct Snapshot {
    private let blocks: [UnsafeMutableRawBufferPointer]
    private let copies: [UnsafeMutableRawBufferPointer]

    init(_ blocks: [UnsafeMutableRawBufferPointer]) {
      self.blocks = blocks
      copies = blocks.map { .allocate(byteCount: $0.count, alignment: 16) }
    }

    @inline(never)
    func take() {
      for index in copies.indices {
        memcpy(copies[index].baseAddress!, blocks[index].baseAddress!, copies[index].count)
      }
    }

    /// The addresses of the words in which the two copies differ.
    func differences(from other: Snapshot) -> [UnsafeMutableRawPointer] {
      let size = MemoryLayout<UInt>.size
      return copies.indices.flatMap { index in
        stride(from: 0, to: copies[index].count - size + 1, by: size).compactMap { offset in
          let mine = copies[index].load(fromByteOffset: offset, as: UInt.self)
          let others = other.copies[index].load(fromByteOffset: offset, as: UInt.self)
          return mine == others ? nil : blocks[index].baseAddress! + offset
        }
      }
    }

    func free() { for copy in copies { copy.deallocate() } }
  }
}

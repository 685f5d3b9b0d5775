internal import CFiber

/// Buffers of one size that are taken and given back all the time: what a connection receives into and sends from while
/// it has something to do. A hub keeps a few of them, the last one first, so that many connections share what lies in
/// the processor's cache, and those that wait hold none.
@usableFromInline
package enum HubBuffers {
  /// Bytes of each.
  @inlinable
  package static var byteCount: Int { 4_096 }
  /// How many a hub keeps.
  fileprivate static let most = 32

  /// A buffer of ``byteCount`` bytes, for anything.
  @inline(__always)
  package static func take() -> UnsafeMutableRawPointer {
    if let (hub, _) = Hub.running, let buffer = hub.pointee.buffers.take() { return buffer }
    return .allocate(byteCount: byteCount, alignment: 16)
  }

  /// Takes a buffer back, on whatever thread.
  @inline(__always)
  package static func give(_ buffer: UnsafeMutableRawPointer) {
    if let (hub, _) = Hub.running, hub.pointee.buffers.keep(buffer) { return }
    buffer.deallocate()
  }

  /// Memory of `byteCount` bytes, which is a buffer where it has that size. 0 is none: a place to point at, and no memory.
  package static func take(byteCount: Int) -> UnsafeMutableRawPointer {
    if byteCount == 0 { return UnsafeMutableRawPointer(bitPattern: 16)! }
    return byteCount == Self.byteCount ? take() : .allocate(byteCount: byteCount, alignment: 16)
  }

  /// Takes back what ``take(byteCount:)`` gave.
  package static func give(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    if byteCount == Self.byteCount { give(memory) } else if byteCount > 0 { memory.deallocate() }
  }
}

/// The buffers that a hub keeps. Each holds the address of the next in its first word.
struct KeptBuffers {
  private var first: UnsafeMutableRawPointer?
  private var count = 0

  @inline(__always)
  mutating func take() -> UnsafeMutableRawPointer? {
    guard let buffer = first else { return nil }
    first = buffer.load(as: UnsafeMutableRawPointer?.self)
    count -= 1
    return buffer
  }

  /// False where there are enough.
  @inline(__always)
  mutating func keep(_ buffer: UnsafeMutableRawPointer) -> Bool {
    guard count < HubBuffers.most else { return false }
    buffer.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
    first = buffer
    count += 1
    return true
  }

  mutating func deallocate() {
    while let buffer = take() { buffer.deallocate() }
  }
}

internal import Glibc

/// The bytes of a JSON text while it is written, in memory that grows.
///
/// Unsafe: the memory is this value's alone, and nothing keeps a pointer into it over a call that may grow it.
struct JSONBytes: ~Copyable {
  /// The first byte; those from ``count`` on are not written yet.
  private(set) var start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    start = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { start.deallocate() }

  /// Whether more memory is held than most texts need.
  var isLarge: Bool { capacity > 65_536 }

  /// Makes room for so many more bytes.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(2 * capacity, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memcpy(moved, start, count)
    start.deallocate()
    (start, capacity) = (moved, larger)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count &+= 1
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    reserve(bytes.count)
    memcpy(start + count, base, bytes.count)
    count &+= bytes.count
  }

  @inline(__always)
  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A text that needs neither quotes nor escapes.
  mutating func append(unquoted text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  /// Calls `write` with room for `length` bytes, all of which it writes.
  @inline(__always)
  mutating func append(length: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Void) {
    reserve(length)
    write(start + count)
    count &+= length
  }

  /// The bytes of a range that has been written.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start + range.lowerBound, count: range.count)
  }

  /// Forgets all but the first so many bytes.
  @inline(__always)
  mutating func truncate(to length: Int) { count = length }
}

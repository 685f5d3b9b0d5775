/// A place in an ``OutputBuffer`` to write at. The writer has reserved enough: nothing here checks.
struct OutputCursor {
  private(set) var at: UnsafeMutableRawPointer

  @inline(__always)
  init(at: UnsafeMutableRawPointer) { self.at = at }

  @inline(__always)
  mutating func append(_ text: StaticString) {
    at.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    at += text.utf8CodeUnitCount
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    at.copyMemory(from: base, byteCount: bytes.count)
    at += bytes.count
  }

  @inline(__always)
  mutating func append(_ text: String) {
    text.withBytes { append($0) }
  }

  /// Has `fill` write at most `count` bytes; returns how many it has written.
  mutating func append(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows -> Int {
    let filled = try fill(UnsafeMutableRawBufferPointer(start: at, count: count))
    at += filled
    return filled
  }

  /// Writes a number that is not negative, of at most 20 digits.
  @inline(__always)
  mutating func append(_ number: Int) {
    var rest = UInt(bitPattern: number)
    var digits = 1
    var bound: UInt = 10
    while digits < 19 && rest >= bound {
      digits += 1
      bound &*= 10
    }
    for index in stride(from: digits - 1, through: 0, by: -1) {
      at.storeBytes(of: UInt8(truncatingIfNeeded: 0x30 + rest % 10), toByteOffset: index, as: UInt8.self)
      rest /= 10
    }
    at += digits
  }
}

/// Eight bytes of a head, looked at together: how many of the first ones are of the common kinds that names and targets are
/// made of. What ends the run is for whoever looks at single bytes.
///
/// Of each byte's answer only the top bit counts; the sums do not carry from one byte to the next, as they are of seven bits.
struct ByteWord {
  /// The first byte is the lowest.
  private let word: UInt64

  /// Of eight bytes that can be read.
  @inline(__always)
  init(_ bytes: UnsafeRawPointer) { word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) }

  /// How many bytes at the front are letters or `-`: most names of fields are, and nothing else.
  @inline(__always)
  var nameLength: Int { count(isLetter | ~(isDifferent(from: 0x2d))) }

  /// How many at the front can belong to a target: visible ASCII but `#`.
  @inline(__always)
  var targetLength: Int { count(isIn(0x21, through: 0x7e) & isDifferent(from: 0x23)) }

  private static var ones: UInt64 { 0x0101_0101_0101_0101 }
  private static var topBits: UInt64 { 0x8080_8080_8080_8080 }

  /// The bytes without their top bits.
  private var low: UInt64 { word & ~Self.topBits }

  private var isLetter: UInt64 {
    let lowercase = low | 0x20 &* Self.ones
    return (lowercase &+ 0x1f &* Self.ones) & ~(lowercase &+ 0x05 &* Self.ones)
  }

  private func isIn(_ first: UInt64, through last: UInt64) -> UInt64 {
    (low &+ (0x80 &- first) &* Self.ones) & ~(low &+ (0x7f &- last) &* Self.ones)
  }

  private func isDifferent(from byte: UInt64) -> UInt64 { (low ^ byte &* Self.ones) &+ 0x7f &* Self.ones }

  /// How many bytes at the front are ASCII, and what `kind` says.
  @inline(__always)
  private func count(_ kind: UInt64) -> Int { (~(kind & ~word) & Self.topBits).trailingZeroBitCount >> 3 }
}

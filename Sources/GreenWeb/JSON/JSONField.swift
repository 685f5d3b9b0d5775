internal import Glibc

/// A field of an object that is being written: where it is in the text, and what orders it.
struct JSONField {
  /// The first eight bytes of its name as a number, of which the first is the highest; 0 for those that it has not.
  let prefix: UInt64
  /// Where the quote before its name is.
  var start: Int
  /// Where its value has ended; known when the next begins.
  var end = 0
  /// The bytes of its name, as they stand in the text.
  let nameLength: Int

  /// Of the name that has just been written from the quote at `start` on.
  init(at start: Int, in bytes: borrowing JSONBytes) {
    let length = bytes.count - start - 2
    prefix = length > 0 ? Self.prefix(of: bytes.start + start + 1, length: length) : 0
    self.start = start
    nameLength = length
  }

  /// Unsafe: after a name there are eight bytes that may be read, see `JSONBytes.append(quoted:)`.
  private static func prefix(of name: UnsafeRawPointer, length: Int) -> UInt64 {
    let word = UInt64(bigEndian: name.loadUnaligned(as: UInt64.self))
    return length >= 8 ? word : word & ~(UInt64.max >> (8 * UInt64(length)))
  }

  var name: Range<Int> { start + 1..<start + 1 + nameLength }
  /// After the name's quote there is a colon.
  var value: Range<Int> { start + nameLength + 3..<end }

  /// Less than 0 where its name is before the other's, byte by byte, 0 where it is the same.
  @inline(__always)
  func compare(_ other: JSONField, in text: UnsafePointer<UInt8>) -> Int {
    if prefix != other.prefix { return prefix < other.prefix ? -1 : 1 }
    let common = min(nameLength, other.nameLength)
    let order = memcmp(text + start + 1, text + other.start + 1, common)
    return order != 0 ? Int(order) : nameLength - other.nameLength
  }

  /// By their names; of one name, in the order in which they were written.
  @inline(__always)
  func precedes(_ other: JSONField, in text: UnsafePointer<UInt8>) -> Bool {
    let order = compare(other, in: text)
    return order != 0 ? order < 0 : start < other.start
  }
}

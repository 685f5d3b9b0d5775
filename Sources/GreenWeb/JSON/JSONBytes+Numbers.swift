internal import Glibc

extension JSONBytes {
  /// An integer of any size.
  @inline(__always)
  mutating func append<Number: FixedWidthInteger & CustomStringConvertible>(integer number: Number) {
    guard let magnitude = UInt64(exactly: number.magnitude) else { return append(shortest: number.description) }
    if number < 0 { append(UInt8(ascii: "-")) }
    append(digits: magnitude)
  }

  private mutating func append(digits number: UInt64) {
    // The largest has 20 digits. They are written from the last to the first, and moved to their place.
    reserve(40)
    let place = start + count
    let end = place + 40
    var first = end
    var rest = number
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      first -= 1
      first.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
      rest = quotient
    } while rest > 0
    memcpy(place, first, end - first)
    truncate(to: count + (end - first))
  }

  /// A number that is finite: as few digits as tell it from all others.
  mutating func append(finite number: Double) {
    // Of those that are whole and not large the description has all digits. Zero may have a sign.
    if number.magnitude < 1e15, let whole = Int64(exactly: number), whole != 0 || number.sign == .plus {
      append(integer: whole)
    } else {
      append(shortest: number.description)
    }
  }

  /// The same, which need fewer digits than those of a `Double`.
  mutating func append(finite number: Float) {
    if number.magnitude < 1e7, let whole = Int64(exactly: number), whole != 0 || number.sign == .plus {
      append(integer: whole)
    } else {
      append(shortest: number.description)
    }
  }

  /// Swift's description of a number, of which `5.0` is 5 in JSON.
  private mutating func append(shortest description: String) {
    var description = description
    description.withUTF8 { digits in
      let isWhole =
        digits.count > 2 && digits[digits.count - 2] == UInt8(ascii: ".") && digits.last == UInt8(ascii: "0")
      append(UnsafeBufferPointer(rebasing: digits.dropLast(isWhole ? 2 : 0)))
    }
  }
}

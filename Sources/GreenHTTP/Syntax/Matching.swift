internal import Glibc

/// Whether the bytes at `pointer` are those of `text`; as many must be readable.
@inline(__always)
func matches(_ pointer: UnsafeRawPointer, _ text: StaticString) -> Bool {
  memcmp(pointer, text.utf8Start, text.utf8CodeUnitCount) == 0
}

/// Whether the `count` bytes at `pointer` are `lowercase` in any case. `lowercase` holds no upper-case letters.
@inline(__always)
func matchesIgnoringCase(_ pointer: UnsafeRawPointer, count: Int, _ lowercase: StaticString) -> Bool {
  count == lowercase.utf8CodeUnitCount
    && matchesIgnoringCase(pointer, UnsafeRawPointer(lowercase.utf8Start), count: count)
}

/// Whether the `count` bytes at `pointer` are those at `lowercase` in any case of ASCII letters.
@inline(__always)
func matchesIgnoringCase(_ pointer: UnsafeRawPointer, _ lowercase: UnsafeRawPointer, count: Int) -> Bool {
  for index in 0..<count {
    var byte = pointer.load(fromByteOffset: index, as: UInt8.self)
    if byte &- 0x41 < 26 { byte |= 0x20 }
    if byte != lowercase.load(fromByteOffset: index, as: UInt8.self) { return false }
  }
  return true
}

/// Whether the `count` bytes at `pointer` are free of control characters other than HTAB (RFC 9110, 5.5). Bytes of
/// 0x80 and more pass: they are `obs-text`.
@inline(__always)
func isFieldValue(_ pointer: UnsafeRawPointer, count: Int) -> Bool {
  if count >= 16 { return isLongFieldValue(pointer, count: count) }
  if count < 8 { return isFieldValueBytewise(pointer, count: count) }
  // The second word overlaps the first.
  return isFieldValueWord(pointer) && isFieldValueWord(pointer + count - 8)
}

/// The same of at least sixteen bytes, of which so many are looked at together.
private func isLongFieldValue(_ pointer: UnsafeRawPointer, count: Int) -> Bool {
  let last = pointer + count - 16
  var place = pointer
  while true {
    if hasControl(place.loadUnaligned(as: SIMD16<UInt8>.self)) { return false }
    if place == last { return true }
    // The last ones overlap those before.
    place = min(place + 16, last)
  }
}

/// Whether one of the bytes is a control character other than HTAB. The types are written out, as only for those there are
/// instructions and no loops; and so it is with `any` in the condition of a branch.
@inline(__always)
private func hasControl(_ bytes: SIMD16<UInt8>) -> Bool {
  let isLow = bytes .< SIMD16<UInt8>(repeating: 0x20)
  let isTab = bytes .== SIMD16<UInt8>(repeating: 0x09)
  let isDelete = bytes .== SIMD16<UInt8>(repeating: 0x7f)
  return any((isLow .& .!isTab) .| isDelete)
}

@inline(__always)
private func isFieldValueWord(_ pointer: UnsafeRawPointer) -> Bool {
  let word = pointer.loadUnaligned(as: UInt64.self)
  // A set top bit says that some byte lies below 0x20, or is 0x7f. HTAB is sorted out after that.
  let below = (word &- 0x2020_2020_2020_2020) & ~word
  let delete = word ^ 0x7f7f_7f7f_7f7f_7f7f
  let found = (below | ((delete &- 0x0101_0101_0101_0101) & ~delete)) & 0x8080_8080_8080_8080
  return found == 0 || isFieldValueBytewise(pointer, count: 8)
}

@inline(__always)
private func isFieldValueBytewise(_ pointer: UnsafeRawPointer, count: Int) -> Bool {
  for index in 0..<count {
    let byte = pointer.load(fromByteOffset: index, as: UInt8.self)
    if byte < 0x20 ? byte != 0x09 : byte == 0x7f { return false }
  }
  return true
}

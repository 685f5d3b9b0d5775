/// What clients do to their payloads (RFC 6455, 5.3): no secret, but no cache in between takes them for HTTP.
enum Masking {
  /// Masks or unmasks bytes in place.
  ///
  /// - Parameters:
  ///   - mask: four bytes as they lie in the head.
  ///   - offset: how many bytes of the payload went before.
  static func apply(_ mask: UInt32, to bytes: UnsafeMutableRawBufferPointer, offset: Int = 0) {
    // The mask turned so that it begins at the first of these bytes; it lies in memory with its lowest byte first.
    let shift = UInt32(offset & 3) * 8
    let order = UInt32(littleEndian: mask)
    let turned = shift == 0 ? order : order >> shift | order << (32 - shift)
    let word = UInt64(turned) << 32 | UInt64(turned)
    let stride = 32
    var index = 0
    let words = SIMD4<UInt64>(repeating: word.littleEndian)
    while index + stride <= bytes.count {
      let plain = bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self) ^ words
      bytes.storeBytes(of: plain, toByteOffset: index, as: SIMD4<UInt64>.self)
      index += stride
    }
    while index + 8 <= bytes.count {
      let plain = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word.littleEndian
      bytes.storeBytes(of: plain, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < bytes.count {
      bytes[index] ^= UInt8(truncatingIfNeeded: turned >> (UInt32(index & 3) * 8))
      index += 1
    }
  }
}

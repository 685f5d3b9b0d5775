/// Sets of ASCII characters as two words of bits: a test is a shift and a mask, and needs no table in memory, nor the
/// once-guard of a global.
struct ByteClass {
  private let low: UInt64
  private let high: UInt64

  @inline(__always)
  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    // A byte of 0x80 or more is in no set.
    byte < 0x80 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 != 0
  }

  /// `tchar` of RFC 9110, 5.6.2: letters, digits and ``!#$%&'*+-.^_`|~``.
  static var token: ByteClass {
    @inline(__always) get { ByteClass(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }
  }

  /// What a `reg-name` of RFC 3986, 3.2.2 may hold: unreserved, `sub-delims`, `%`.
  static var registeredName: ByteClass {
    @inline(__always) get { ByteClass(low: 0x2bff_7ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe) }
  }
}

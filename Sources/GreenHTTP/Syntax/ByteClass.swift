/// Sets of ASCII characters: a test is a load and a mask.
struct ByteClass {
  private let bit: UInt8

  @inline(__always)
  private init(bit: UInt8) { self.bit = bit }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool { Self.table.utf8Start[Int(byte)] & bit != 0 }

  /// For each of the 256 bytes the sum of the bits of its sets, as a digit. A literal, which needs no once-guard as a global
  /// does.
  private static var table: StaticString {
    @inline(__always) get {
      """
      0000000000000000000000000000000007017377667767707777777777060600\
      0777777777777777777777777770001717777777777777777777777777701070\
      0000000000000000000000000000000000000000000000000000000000000000\
      0000000000000000000000000000000000000000000000000000000000000000
      """
    }
  }

  /// `tchar` of RFC 9110, 5.6.2: letters, digits and ``!#$%&'*+-.^_`|~``.
  static var token: ByteClass {
    @inline(__always) get { ByteClass(bit: 1) }
  }

  /// What a `reg-name` of RFC 3986, 3.2.2 may hold: unreserved, `sub-delims`, `%`.
  static var registeredName: ByteClass {
    @inline(__always) get { ByteClass(bit: 2) }
  }

  /// The same without `%`, which must be looked at closely.
  static var unescapedName: ByteClass {
    @inline(__always) get { ByteClass(bit: 4) }
  }
}

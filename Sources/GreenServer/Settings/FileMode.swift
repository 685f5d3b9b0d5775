/// The permissions of a file as a person types them.
enum FileMode {
  /// Reads `0`, `007` and `0o007` as octal and `0x1ff` as hexadecimal, up to 0777. Without a leading 0, gunicorn takes
  /// `22` as decimal and umask(1) as octal: neither is right for everybody, so it is none.
  static func parse(_ text: String) -> UInt32? {
    let digits = text.lowercased()
    let mode =
      digits.hasPrefix("0x")
      ? UInt32(digits.dropFirst(2), radix: 16)
      : digits.hasPrefix("0") ? UInt32(digits.hasPrefix("0o") ? digits.dropFirst(2) : digits[...], radix: 8) : nil
    return mode.flatMap { $0 <= 0o777 ? $0 : nil }
  }
}

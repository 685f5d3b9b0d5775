/// The five characters that mean something in markup (the HTML standard, 13.1.2), as in markupsafe.
enum HTMLEscaping {
  /// Appends a text with them escaped. One that has none is appended as it is.
  static func write(_ value: String, to page: inout String) {
    var value = value
    let escaped = value.withUTF8 { bytes -> [UInt8]? in
      guard let first = bytes.firstIndex(where: { escape(of: $0) != nil }) else { return nil }
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + 16)
      result.append(contentsOf: bytes[..<first])
      for byte in bytes[first...] {
        if let escape = escape(of: byte) {
          result.append(contentsOf: UnsafeBufferPointer(start: escape.utf8Start, count: escape.utf8CodeUnitCount))
        } else {
          result.append(byte)
        }
      }
      return result
    }
    if let escaped { page += String(decoding: escaped, as: UTF8.self) } else { page += value }
  }

  @inline(__always)
  private static func escape(of byte: UInt8) -> StaticString? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "\""): "&#34;"
    case UInt8(ascii: "'"): "&#39;"
    default: nil
    }
  }
}

/// What an address begins with.
enum URLScheme {
  /// Whether a browser that follows the address asks for a page, or writes a mail, and runs no script.
  static func isHarmless(_ url: String) -> Bool {
    // The URL standard, 4.4: blanks and control characters at the beginning, and tabs and line ends anywhere, are left out.
    let seen = url.unicodeScalars.drop { $0.value <= 0x20 }.filter { $0 != "\t" && $0 != "\n" && $0 != "\r" }
    let scheme = seen.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
    guard seen.dropFirst(scheme.count).first == ":" else { return true }
    let name = String(String.UnicodeScalarView(scheme)).lowercased()
    return name == "http" || name == "https" || name == "mailto"
  }
}

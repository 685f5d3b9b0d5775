/// Percent-encoding of names and values: RFC 3986, 2.1, and `application/x-www-form-urlencoded`.
enum URLEncoding {
  /// `name=value&…`, with `+` for a space.
  static func form(_ fields: KeyValuePairs<String, String>) -> String { pairs(fields, space: "+") }

  /// A URL with more in its query.
  static func adding(_ query: KeyValuePairs<String, String>, to url: String) -> String {
    let end = url.firstIndex(of: "#") ?? url.endIndex
    let separator = url[..<end].contains("?") ? "&" : "?"
    return "\(url[..<end])\(separator)\(pairs(query, space: "%20"))\(url[end...])"
  }

  /// All that is not `unreserved` encoded.
  static func encoded(_ text: String, space: String = "%20") -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case 0x20: result += space
      default: result += escape(byte)
      }
    }
    return result
  }

  /// `%` and two digits.
  static func escape(_ byte: UInt8) -> String {
    "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }

  private static func pairs(_ fields: KeyValuePairs<String, String>, space: String) -> String {
    fields.map { encoded($0.key, space: space) + "=" + encoded($0.value, space: space) }.joined(separator: "&")
  }
}

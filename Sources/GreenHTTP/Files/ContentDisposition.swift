/// What a browser is to do with an answer: `Content-Disposition`, RFC 6266.
public struct ContentDisposition: Sendable, Hashable, CustomStringConvertible {
  /// As the field has it.
  public let description: String

  /// To be shown, and called so where it is saved.
  public static func inline(named name: String? = nil) -> ContentDisposition { Self("inline", name) }

  /// To be saved, under this name.
  public static func attachment(named name: String? = nil) -> ContentDisposition { Self("attachment", name) }

  /// A name that is not plain ASCII comes twice: for those that know RFC 8187, and as near to it as can be for the others.
  private init(_ type: String, _ name: String?) {
    guard let name = name.map(Self.withoutFolders), !name.isEmpty else {
      description = type
      return
    }
    let isPlain = name.unicodeScalars.allSatisfy { Self.isPlain($0) && $0 != "%" }
    let fallback = String(String.UnicodeScalarView(name.unicodeScalars.map { Self.isPlain($0) ? $0 : "_" }))
    description =
      isPlain
      ? "\(type); filename=\"\(fallback)\""
      : "\(type); filename=\"\(fallback)\"; filename*=UTF-8''\(Self.encoded(name))"
  }

  /// RFC 6266, 4.3: a name is no path, and a client must not have to know that.
  private static func withoutFolders(_ name: String) -> String {
    name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
  }

  /// What may stand between quotes without an escape, which some clients do not know (RFC 6266, D).
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && scalar.value < 0x7f && scalar != "\"" && scalar != "\\"
  }

  /// `ext-value` of RFC 8187, 3.2.1.
  private static func encoded(_ name: String) -> String {
    var encoded = ""
    for byte in name.utf8 {
      let scalar = Unicode.Scalar(byte)
      let isLetter = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
      if isLetter || "!#$&+-.^_`|~".unicodeScalars.contains(scalar) {
        encoded.unicodeScalars.append(scalar)
      } else {
        encoded += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
      }
    }
    return encoded
  }
}

internal import HTTPTypes

/// A field's value with parameters: `form-data; name="a"; filename="b.txt"`, RFC 9110, 5.6.6.
struct FieldParameters {
  /// What stands before the parameters, in lower case: `text/html`, `form-data`.
  let essence: String
  /// By names in lower case. Of several with one name the first counts.
  private(set) var values: [String: String] = [:]

  /// - Returns: `nil` where the value is malformed.
  init?(_ value: String) {
    var rest = Array(value.utf8)[...]
    essence = Self.text(Self.trimmed(Self.prefix(of: &rest) { $0 != UInt8(ascii: ";") })).lowercased()
    while rest.popFirst() != nil {
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
      // RFC 9110, 5.6.6: there may be nothing between two semicolons.
      if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }
      let name = Self.prefix(of: &rest) { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
      guard rest.popFirst() == UInt8(ascii: "="), !name.isEmpty, name.allSatisfy(ByteClass.token.contains),
        let value = Self.value(&rest)
      else { return nil }
      let key = Self.text(name).lowercased()
      if values[key] == nil { values[key] = Self.text(value) }
    }
  }

  /// A token, or what stands in quotes. Afterwards `rest` is empty or begins with a semicolon.
  private static func value(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard rest.first == 0x22 else { return trimmed(prefix(of: &rest) { $0 != UInt8(ascii: ";") }) }
    rest.removeFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == 0x22 {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        return rest.isEmpty || rest.first == UInt8(ascii: ";") ? value[...] : nil
      }
      // Some clients send paths of Windows as they are: a backslash is one, but before what must be escaped.
      if byte == 0x5c, let next = rest.first, next == 0x22 || next == 0x5c {
        rest.removeFirst()
        value.append(next)
      } else {
        value.append(byte)
      }
    }
    return nil
  }

  private static func prefix(
    of rest: inout ArraySlice<UInt8>, while belongs: (UInt8) -> Bool
  ) -> ArraySlice<UInt8> {
    let prefix = rest.prefix(while: belongs)
    rest = rest[prefix.endIndex...]
    return prefix
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    return bytes
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Request {
  /// What `Content-Type` says, without its parameters and in lower case; `nil` where there is none, or it is malformed.
  package var mediaType: String? { header(.contentType).flatMap { FieldParameters($0)?.essence } }
}

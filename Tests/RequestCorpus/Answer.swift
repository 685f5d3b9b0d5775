/// An answer as the corpus writes it down.
struct Answer {
  let status: Int
  let line: String

  /// Takes an answer from the front of what a server has sent; `nil` where there is none.
  init?(taking bytes: inout ArraySlice<UInt8>, isBodiless: Bool) {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    guard head.hasPrefix("HTTP/1.1 "), let status = Int(head.dropFirst(9).prefix(3)) else { return nil }
    let fields = head.lowercased().split(separator: "\r\n").dropFirst()
    func value(_ name: String) -> String? {
      fields.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }
    bytes = bytes[end.upperBound...]
    let length = isBodiless || status < 200 ? 0 : value("content-length").flatMap { Int($0) } ?? 0
    guard length <= bytes.count else { return nil }
    let body = String(decoding: bytes.prefix(length), as: UTF8.self)
    bytes = bytes.dropFirst(length)
    self.status = status
    line = Answer.line(status, body, isBodiless: isBodiless, closes: value("connection") == "close")
  }

  /// With which words a request is refused is not the corpus's matter, but that there are some is, and that the connection
  /// ends.
  private static func line(_ status: Int, _ body: String, isBodiless: Bool, closes: Bool) -> String {
    if status >= 400 {
      return "\(status)" + (closes ? "" : " without Connection: close") + (body.isEmpty ? " without a word" : "")
    }
    return isBodiless ? "\(status) \(RequestCase.noContent)" : "\(status) \(body)"
  }
}

/// Bytes as text in which every one that is not visible is escaped.
func escaped(_ bytes: some Sequence<UInt8>) -> String {
  var text = ""
  for byte in bytes {
    switch byte {
    case 0x0d: text += "\\r"
    case 0x0a: text += "\\n"
    case 0x5c: text += "\\\\"
    case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
    default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return text
}

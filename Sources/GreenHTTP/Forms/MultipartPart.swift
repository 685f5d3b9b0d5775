/// The head of one part of a `multipart/form-data` body.
public struct MultipartPart: Sendable, Hashable {
  /// The name of the form's field.
  public let name: String
  /// What the file is called, without folders, where it is one; a client may say anything. Empty where a person has
  /// chosen no file.
  public let filename: String?
  /// What `Content-Type` says; `text/plain` where it says nothing (RFC 7578, 4.4).
  public let contentType: String

  /// - Parameter head: its lines, each with CRLF at its end.
  /// - Throws: ``HTTPError`` with `400`.
  init(head: ArraySlice<UInt8>) throws {
    var disposition: FieldParameters?
    var type = "text/plain"
    for line in head.split(separator: 0x0a) {
      guard line.last == 0x0d, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw Self.malformed }
      let name = line[..<colon]
      guard !name.isEmpty, name.allSatisfy(ByteClass.token.contains) else { throw Self.malformed }
      let value = String(decoding: line[(colon + 1)...].dropLast(), as: UTF8.self).trimmed
      switch String(decoding: name, as: UTF8.self).lowercased() {
      case "content-disposition": disposition = FieldParameters(value)
      case "content-type": type = value
      default: break
      }
    }
    guard let disposition, disposition.essence == "form-data", let name = disposition.values["name"] else {
      throw HTTPError(.badRequest, "a part of the form has no Content-Disposition: form-data with a name")
    }
    self.name = Self.unescaped(name)
    filename = Self.filename(disposition)
    contentType = type
  }

  private static let malformed = HTTPError(.badRequest, "the head of a part of the form is malformed")

  /// RFC 7578, 4.2 forbids `filename*`, and some clients send it all the same (RFC 8187).
  private static func filename(_ disposition: FieldParameters) -> String? {
    var name = disposition.values["filename"].map(unescaped)
    if let extended = disposition.values["filename*"], extended.lowercased().begins(with: "utf-8'") {
      let text = extended.utf8.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
      if text.count == 3 { name = Array(text[2]).withUnsafeBytes { PercentEncoding.decodedLeniently($0) } }
    }
    return name.map(withoutFolders)
  }

  /// RFC 7578, 4.2: a name is no path. Nor is it a step through one.
  private static func withoutFolders(_ name: String) -> String {
    let scalars = Array(name.unicodeScalars)
    let last = scalars.lastIndex { $0 == "/" || $0 == "\\" }.map { scalars[($0 + 1)...] } ?? scalars[...]
    let visible = String(String.UnicodeScalarView(last.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    return visible == "." || visible == ".." ? "" : visible
  }

  /// What browsers escape in names: the HTML standard, 4.10.22.8.
  private static func unescaped(_ name: String) -> String {
    guard name.utf8.contains(0x25) else { return name }
    var text: [UInt8] = []
    var rest = Array(name.utf8)[...]
    let escapes: [(String, UInt8)] = [("%22", 0x22), ("%0D", 0x0d), ("%0A", 0x0a)]
    while let byte = rest.first {
      if let (escape, meant) = escapes.first(where: { rest.starts(with: $0.0.utf8) }) {
        text.append(meant)
        rest = rest.dropFirst(escape.utf8.count)
      } else {
        text.append(byte)
        rest.removeFirst()
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

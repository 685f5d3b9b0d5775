internal import GreenHTTP

/// The head of a server's answer to a handshake (RFC 9112, 4 and 5).
struct ResponseHead: Equatable {
  var status = 0
  var fields: [Field] = []

  struct Field: Equatable {
    /// In lower case.
    var name: String
    var value: String
  }

  /// The values of a field, joined by commas; `nil` without any.
  subscript(name: String) -> String? {
    let values = fields.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Reads a head, its empty line included. `nil` for one that is malformed.
  init?(_ text: some StringProtocol) {
    // In Swift CR LF is one character.
    guard text.hasSuffix("\r\n\r\n") else { return nil }
    let lines = text.dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false)
    guard let first = lines.first else { return nil }
    let parts = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3, let status = Int(parts[1]), status >= 100
    else { return nil }
    self.status = status
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let name = line[..<colon].lowercased()
      guard ExtensionOffer.isToken(name) else { return nil }
      let value = line[line.index(after: colon)...].trimmed
      guard !value.contains(where: { $0 == "\r" || $0 == "\n" || $0 == "\0" || $0 == "\r\n" }) else { return nil }
      fields.append(Field(name: name, value: value))
    }
  }
}

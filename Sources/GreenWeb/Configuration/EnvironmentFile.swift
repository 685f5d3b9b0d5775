internal import Green
internal import GreenHTTP

/// Files of `KEY=value`.
enum EnvironmentFile {
  static func read(_ path: String) throws -> [String: String] {
    var values: [String: String] = [:]
    for (number, line) in try text(path).lines.enumerated() {
      guard let (key, value) = try pair(line, at: "\(path):\(number + 1)") else { continue }
      values[key] = value
    }
    return values
  }

  private static func text(_ path: String) throws -> String {
    let bytes: [UInt8]
    do { bytes = try contents(ofFile: path) } catch {
      throw AppConfigurationError("the configuration '\(path)' cannot be read: \(error)")
    }
    // Some editors begin a text with a mark of its encoding.
    let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    guard let text = String(validating: bytes[start...], as: UTF8.self) else {
      throw AppConfigurationError("the configuration '\(path)' is not UTF-8")
    }
    return text
  }

  /// By bytes: a mark that follows may combine with a sign, which is another character then.
  private static func pair(_ line: Substring, at place: String) throws -> (String, String)? {
    var line = trimmed(line)
    if line.isEmpty || line.begins(with: "#") { return nil }
    if line.begins(with: "export ") { line = trimmed(line.dropping(bytes: 7)) }
    guard let mark = line.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      throw AppConfigurationError("\(place) is not KEY=value")
    }
    let key = trimmed(line[..<mark])
    var value = trimmed(line[line.utf8.index(after: mark)...])
    for quote in ["\"", "'"] where value.utf8.count >= 2 && value.begins(with: quote) && value.ends(with: quote) {
      value = Substring(value.utf8.dropFirst().dropLast())
      break
    }
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-" }) else {
      throw AppConfigurationError("\(place) is not KEY=value")
    }
    return (String(key), String(value))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
    while let last = scalars.last, last.properties.isWhitespace { scalars = scalars.dropLast() }
    return Substring(scalars)
  }
}

internal import Green

/// Files of `KEY=value`.
enum EnvironmentFile {
  static func read(_ path: String) throws -> [String: String] {
    var values: [String: String] = [:]
    for (number, line) in try text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
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
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw AppConfigurationError("the configuration '\(path)' is not UTF-8")
    }
    return text
  }

  private static func pair(_ line: Substring, at place: String) throws -> (String, String)? {
    var line = trimmed(line)
    if line.isEmpty || line.first == "#" { return nil }
    if line.hasPrefix("export ") { line = trimmed(line.dropFirst(7)) }
    guard let mark = line.firstIndex(of: "=") else { throw AppConfigurationError("\(place) is not KEY=value") }
    let key = trimmed(line[..<mark])
    var value = trimmed(line[line.index(after: mark)...])
    if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
      value = value.dropFirst().dropLast()
    }
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-" }) else {
      throw AppConfigurationError("\(place) is not KEY=value")
    }
    return (String(key), String(value))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}

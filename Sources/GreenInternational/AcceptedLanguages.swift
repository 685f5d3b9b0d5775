internal import GreenHTTP

/// The languages that a client would like, the best first (RFC 9110, 12.5.4).
public struct AcceptedLanguages: Sendable, Hashable {
  /// The ranges, in lower case, the best first: `de-ch`, `de`, `*`.
  public let ranges: [String]
  /// What the client will not have.
  let refused: Set<String>

  /// So many are looked at, however many a client sends.
  private static let most = 50

  /// Reads the field `Accept-Language`. What is malformed in it is passed over.
  public init(_ field: String) {
    var found: [(range: String, quality: Int, place: Int)] = []
    var refused: Set<String> = []
    for (place, item) in field.pieces(between: ",", most: Self.most + 1).prefix(Self.most).enumerated() {
      let parts = item.pieces(between: ";").map { $0.trimmed.lowercased() }
      guard let range = parts.first, Self.isRange(range) else { continue }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Self.quality($0.dropFirst(2)) } ?? 1000
      if quality == 0 {
        refused.insert(range)
      } else {
        found.append((range, quality, place))
      }
    }
    // Of equal ones the first is the better.
    found.sort { $0.quality != $1.quality ? $0.quality > $1.quality : $0.place < $1.place }
    ranges = found.map(\.range)
    self.refused = refused
  }

  private static func isRange(_ text: String) -> Bool {
    if text == "*" { return true }
    return text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
      (1...8).contains(part.utf8.count) && part.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 }
    }
  }

  /// In thousandths; what is not one is nothing.
  private static func quality(_ text: Substring) -> Int {
    guard let value = Double(text), value >= 0, value <= 1 else { return 0 }
    return Int(value * 1000)
  }

  /// Whether the most specific range that a language is within, in lower case, is one that the client will not have.
  private func refuses(_ language: String) -> Bool {
    var range = language
    while !refused.contains(range) {
      guard !ranges.contains(range), let dash = range.lastIndex(of: "-") else { return false }
      range = String(range[..<dash])
    }
    return true
  }

  /// The best of some languages (RFC 4647, 3.4, and, where a language comes without its country, any of that language);
  /// `nil` where none is accepted.
  public func best(of languages: [String]) -> String? {
    let known = languages.map { (tag: $0, lowered: $0.lowercased()) }.filter { !refuses($0.lowered) }
    for range in ranges where range != "*" {
      var rest = range[...]
      while true {
        if let found = known.first(where: { $0.lowered == rest }) { return found.tag }
        guard let dash = rest.lastIndex(of: "-") else { break }
        rest = rest[..<dash]
      }
      if let found = known.first(where: { $0.lowered.hasPrefix(rest + "-") }) { return found.tag }
    }
    return ranges.contains("*") ? known.first?.tag : nil
  }
}

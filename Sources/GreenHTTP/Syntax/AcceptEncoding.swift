/// What content codings a client takes, and how much it likes each: `Accept-Encoding`, RFC 9110, 12.5.3.
package struct AcceptEncoding {
  /// From 0, not at all, to 1,000.
  private var weights: [String: Int] = [:]
  /// Of those that are not named.
  private var others: Int?

  /// - Parameter field: `nil` where there is none: then only what is not coded may be relied on.
  package init(_ field: String?) {
    for element in (field ?? "").pieces(between: ",", most: 33).prefix(32) {
      let parts = element.pieces(between: ";").map { $0.trimmed.lowercased() }
      guard let name = parts.first, !name.isEmpty else { continue }
      let weight = parts.dropFirst().first { $0.begins(with: "q=") }.map { Self.weight($0.dropping(bytes: 2)) } ?? 1000
      if name == "*" { others = others ?? weight } else { weights[name == "x-gzip" ? "gzip" : name] = weight }
    }
  }

  /// How much a coding is liked: 0 for not at all.
  package func weight(of coding: String) -> Int { weights[coding] ?? others ?? 0 }

  /// How much what is not coded is liked. It is always taken, unless the field says that it is not.
  package var identityWeight: Int { weights["identity"] ?? (others == 0 ? 0 : 1) }

  /// The coding that is liked best, the first of those that are liked alike; `nil` where what is not coded is to be sent.
  package func best(of codings: [String]) -> String? {
    var best: String?
    for coding in codings where weight(of: coding) > best.map(weight(of:)) ?? 0 { best = coding }
    guard let best, weight(of: best) >= weights["identity"] ?? 0 else { return nil }
    return best
  }

  /// `qvalue` of RFC 9110, 12.4.2, in thousandths. One that is malformed is none.
  static func weight(_ text: Substring) -> Int {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole == "0" || whole == "1" else { return 0 }
    let digits = parts.count > 1 ? parts[1] : ""
    guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return 0 }
    let thousandths = Int(digits + String(repeating: "0", count: 3 - digits.utf8.count)) ?? 0
    return whole == "1" ? 1000 : thousandths
  }
}

/// The parts of a representation that `Range` asks for: RFC 9110, 14.1 and 14.2.
enum ByteRanges: Equatable {
  /// The field asks for nothing that is understood here: the whole is sent.
  case whole
  /// None of the parts is there: `416`.
  case unsatisfiable
  /// At least one, none of which overlaps another.
  case parts([Range<Int>])

  /// The most parts that are served: a client that wants more gets the whole. As many as a reader of a document asks for;
  /// each costs a head of its own (RFC 9110, 17.15).
  private static var most: Int { 16 }
  /// Two parts with no more than this between them are sent as one, since that is shorter (RFC 9110, 14.2).
  private static var leastGap: Int { 80 }

  /// - Parameter length: of the whole, in bytes.
  static func parse(_ field: String, length: Int) -> ByteRanges {
    let sides = field.pieces(between: "=", most: 2)
    guard length > 0, sides.count == 2, sides[0].trimmed.lowercased() == "bytes" else { return .whole }
    let specifiers = sides[1].pieces(between: ",", most: 4 * most).map(\.trimmed).filter { !$0.isEmpty }
    guard (1...most).contains(specifiers.count) else { return .whole }
    var parts: [Range<Int>] = []
    for specifier in specifiers {
      guard let part = part(specifier, length) else { return .whole }
      if !part.isEmpty { parts.append(part) }
    }
    return parts.isEmpty ? .unsatisfiable : .parts(coalesced(parts))
  }

  /// One specifier: `nil` where it is malformed, empty where there is nothing there.
  private static func part(_ text: String, _ length: Int) -> Range<Int>? {
    let ends = text.pieces(between: "-")
    guard ends.count == 2 else { return nil }
    if ends[0].isEmpty {
      guard let suffix = number(ends[1]) else { return nil }
      return max(0, length - suffix)..<length
    }
    guard let first = number(ends[0]) else { return nil }
    if ends[1].isEmpty { return min(first, length)..<length }
    guard let last = number(ends[1]), last >= first else { return nil }
    return min(first, length)..<min(last == .max ? last : last + 1, length)
  }

  /// A number of any size; one that `Int` cannot hold lies beyond every end.
  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    return Int(digits) ?? .max
  }

  /// Where any two lie close together, all in ascending order, with those in one; else in the order that was asked for.
  private static func coalesced(_ parts: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, part.lowerBound <= last.upperBound + leastGap {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
      } else {
        merged.append(part)
      }
    }
    return merged.count == parts.count ? parts : merged
  }
}

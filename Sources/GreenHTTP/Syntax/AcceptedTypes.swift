/// What media types a client takes, and how much it likes each: `Accept`, RFC 9110, 12.5.1.
package struct AcceptedTypes {
  /// `text/html;level=1;q=0.4`.
  private struct Range {
    let type: Substring
    let subtype: Substring
    let parameters: [String: String]
    /// From 0, not at all, to 1,000.
    let weight: Int

    /// How much it says: a type with parameters goes before one without, that before `text/*`, that before `*/*`.
    var rank: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 + parameters.count }

    func contains(_ offer: Offered) -> Bool {
      if type != "*" && type != offer.type { return false }
      if subtype != "*" && subtype != offer.subtype { return false }
      return parameters.allSatisfy { name, value in
        // What stands for a charset is the same in any case (RFC 9110, 8.3.2). Clients ask for one of JSON, too, which has
        // none (RFC 8259, 11).
        guard let own = offer.parameters[name] else { return name == "charset" }
        return name == "charset" ? own.lowercased() == value.lowercased() : own == value
      }
    }
  }

  /// A media type that there is a representation of.
  private struct Offered {
    let type: Substring
    let subtype: Substring
    let parameters: [String: String]

    init?(_ text: String) {
      guard let field = FieldParameters(text) else { return nil }
      let parts = field.essence.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      (type, subtype, parameters) = (parts[0], parts[1], field.values)
    }
  }

  private let ranges: [Range]
  /// How many ranges of one field are looked at.
  private static var most: Int { 64 }

  /// - Parameter field: `nil` where there is none: then any type is taken. So it is where nothing in the field can be read.
  package init(_ field: String?) {
    let ranges = Self.elements(field ?? "").prefix(Self.most).compactMap(Self.range)
    self.ranges = ranges.isEmpty ? [Range(type: "*", subtype: "*", parameters: [:], weight: 1000)] : ranges
  }

  /// How much a media type is liked: 0 for not at all.
  package func weight(of type: String) -> Int { Offered(type).map(weight) ?? 0 }

  /// Of the ranges that contain it the one that says most counts; of two that say alike, the one that likes it more.
  private func weight(_ offer: Offered) -> Int {
    var best: Range?
    for range in ranges where range.contains(offer) {
      guard let known = best else {
        best = range
        continue
      }
      if range.rank > known.rank || (range.rank == known.rank && range.weight > known.weight) { best = range }
    }
    return best?.weight ?? 0
  }

  /// Whether a media type is taken by its name, and not only among others.
  package func names(_ type: String) -> Bool {
    guard let offer = Offered(type) else { return false }
    return ranges.contains { $0.subtype != "*" && $0.weight > 0 && $0.contains(offer) }
  }

  /// The place of the media type that is liked best, the first of those that are liked alike; `nil` where none is taken.
  package func best(of types: [String]) -> Int? {
    var best: (place: Int, weight: Int)?
    for (place, type) in types.enumerated() {
      let weight = weight(of: type)
      if weight > best?.weight ?? 0 { best = (place, weight) }
    }
    return best?.place
  }

  private static func range(_ text: Substring) -> Range? {
    guard let field = FieldParameters(String(text)) else { return nil }
    let parts = field.essence.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(ByteClass.token.contains) }),
      parts[0] != "*" || parts[1] == "*"
    else { return nil }
    var parameters = field.values
    let weight = parameters.removeValue(forKey: "q").map { AcceptEncoding.weight($0[...]) } ?? 1000
    return Range(type: parts[0], subtype: parts[1], parameters: parameters, weight: weight)
  }

  /// The elements of a list, in which what stands in quotes may have commas.
  private static func elements(_ field: String) -> [Substring] {
    var elements: [Substring] = []
    var start = field.startIndex
    var (isQuoted, isEscaped) = (false, false)
    for index in field.utf8.indices {
      switch field.utf8[index] {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isQuoted: isEscaped = true
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted:
        elements.append(field[start..<index])
        start = field.utf8.index(after: index)
      default: break
      }
    }
    elements.append(field[start...])
    return elements.filter { $0.utf8.contains { $0 != 0x20 && $0 != 0x09 } }
  }
}

/// The text of a statement as PostgreSQL reads it, as far as is needed to find its parameters: `$1` in a string, a
/// quoted name or a comment is none. PostgreSQL's documentation, 4.1.
enum SQLText {
  enum Part: Equatable {
    case plain(Substring)
    /// `$1`, `$2` …
    case parameter(Int)
  }

  static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var (start, index) = (text.utf8.startIndex, text.utf8.startIndex)
    while index < text.utf8.endIndex {
      let rest = text.utf8[index...]
      guard let (number, end) = parameter(rest) else {
        index = end(ofPartAt: rest)
        continue
      }
      if start < index { parts.append(.plain(text[start..<index])) }
      parts.append(.parameter(number))
      (start, index) = (end, end)
    }
    if start < text.utf8.endIndex { parts.append(.plain(text[start...])) }
    return parts
  }

  private typealias Rest = Substring.UTF8View

  private static func parameter(_ rest: Rest) -> (Int, String.Index)? {
    guard rest.first == UInt8(ascii: "$") else { return nil }
    let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(Substring(digits)) else { return nil }
    return (number, digits.endIndex)
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "$"), 128...:
      true
    default: false
    }
  }

  /// Where the string, the name, the comment or the character ends that `rest` begins with.
  private static func end(ofPartAt rest: Rest) -> String.Index {
    let first = rest[rest.startIndex]
    let next = rest.dropFirst().first
    switch (first, next) {
    case (UInt8(ascii: "'"), _), (UInt8(ascii: "\""), _):
      return end(ofQuoted: rest.dropFirst(), by: first, hasBackslashes: false)
    case (UInt8(ascii: "-"), UInt8(ascii: "-")):
      return rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
    case (UInt8(ascii: "/"), UInt8(ascii: "*")): return end(ofComment: rest)
    case (UInt8(ascii: "$"), _): return end(ofDollarQuoted: rest)
    case _ where isOfName(first): return end(ofName: rest)
    default: return rest.index(after: rest.startIndex)
    }
  }

  /// A name or a number, `a$1` being one name; or the string that begins with `E'`.
  private static func end(ofName rest: Rest) -> String.Index {
    let name = rest.prefix(while: isOfName)
    let isEscaping = name.elementsEqual("e".utf8) || name.elementsEqual("E".utf8)
    guard isEscaping, name.endIndex < rest.endIndex, rest[name.endIndex] == UInt8(ascii: "'") else {
      return name.endIndex
    }
    return end(ofQuoted: rest[name.endIndex...].dropFirst(), by: UInt8(ascii: "'"), hasBackslashes: true)
  }

  /// A doubled quote ends it and begins it anew, which comes to the same.
  private static func end(ofQuoted rest: Rest, by quote: UInt8, hasBackslashes: Bool) -> String.Index {
    var index = rest.startIndex
    while index < rest.endIndex {
      let byte = rest[index]
      index = rest.index(after: index)
      if byte == quote { return index }
      if hasBackslashes && byte == UInt8(ascii: "\\") && index < rest.endIndex { index = rest.index(after: index) }
    }
    return index
  }

  /// Comments nest.
  private static func end(ofComment rest: Rest) -> String.Index {
    var (index, depth) = (rest.startIndex, 0)
    while index < rest.endIndex {
      let pair = rest[index...].prefix(2)
      if pair.elementsEqual("/*".utf8) {
        depth += 1
      } else if pair.elementsEqual("*/".utf8) {
        depth -= 1
      } else {
        index = rest.index(after: index)
        continue
      }
      index = pair.endIndex
      if depth == 0 { break }
    }
    return index
  }

  /// `$tag$ … $tag$`.
  private static func end(ofDollarQuoted rest: Rest) -> String.Index {
    let tag = rest.dropFirst().prefix { isOfName($0) && $0 != UInt8(ascii: "$") }
    guard tag.endIndex < rest.endIndex, rest[tag.endIndex] == UInt8(ascii: "$") else {
      return rest.index(after: rest.startIndex)
    }
    let delimiter = Array(rest[...tag.endIndex])
    var index = rest.index(after: tag.endIndex)
    while index < rest.endIndex {
      if rest[index...].starts(with: delimiter) { return rest.index(index, offsetBy: delimiter.count) }
      index = rest.index(after: index)
    }
    return index
  }
}

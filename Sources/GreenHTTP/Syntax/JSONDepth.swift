/// Looks at the brackets of a JSON text before it is decoded: a decoder recurses as deeply as they are nested, and so
/// does the type that decodes itself, on a stack that ends.
package enum JSONDepth {
  /// As deep as Foundation's decoder goes.
  package static let most = 512

  /// - Throws: ``HTTPError`` 400 where ``problem(of:limit:)`` finds one.
  package static func check(_ bytes: [UInt8], limit: Int) throws {
    if let problem = problem(of: bytes, limit: limit) { throw HTTPError(.badRequest, "the body's JSON \(problem)") }
  }

  /// What is wrong, as the end of a sentence, where the text is nested more deeply than `limit`, with the place; where it is
  /// not UTF-8, which JSON must be (RFC 8259, 8.1), since in UTF-16 other characters have the bytes of brackets and quotes.
  package static func problem(of bytes: [UInt8], limit: Int = most) -> String? {
    let limit = min(max(limit, 1), most)
    var depth = 0
    var isInString = false
    var isEscaped = false
    for (offset, byte) in bytes.enumerated() {
      switch byte {
      case 0: return "is not UTF-8, or has a zero at byte \(offset)"
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\"): isEscaped = isInString
      case UInt8(ascii: "\""): isInString.toggle()
      case _ where isInString: break
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > limit { return "is nested more than \(limit) deep, at byte \(offset)" }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return nil
  }
}

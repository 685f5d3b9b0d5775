/// A path with places: `/users/{id}`, `/files/{path...}`.
///
/// Patterns are written decoded: `/café`, not `/caf%C3%A9`. A trailing slash is part of the path.
struct RoutePattern {
  enum Segment: Hashable {
    /// These bytes.
    case literal([UInt8])
    /// Any one segment that is not empty.
    case parameter
    /// All that is left, slashes included, if it is not empty. The last segment.
    case rest
  }

  let text: String
  var segments: [Segment] = []
  var parameters: [Parameter] = []

  /// A parameter's name, and which segment it is.
  struct Parameter {
    let name: String
    let segment: Int
    /// Whether it is all that is left from that segment on.
    let isRest: Bool
  }

  /// What is wrong with a pattern, as one sentence.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  static func parse(_ text: String) -> Result<RoutePattern, Problem> {
    func problem(_ what: String) -> Result<RoutePattern, Problem> {
      .failure(Problem(description: "the route '\(text)' is malformed: \(what)"))
    }
    guard text.hasPrefix("/") else { return problem("it must begin with '/'") }
    if text.contains("?") || text.contains("#") { return problem("a route is a path, without '?' and '#'") }
    var pattern = RoutePattern(text: text)
    let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      guard part.contains("{") || part.contains("}") else {
        pattern.segments.append(.literal(Array(part.utf8)))
        continue
      }
      guard part.hasPrefix("{"), part.hasSuffix("}") else {
        return problem("a parameter is a whole segment, '/{name}/'")
      }
      let inner = part.dropFirst().dropLast()
      let isRest = inner.hasSuffix("...")
      let name = String(isRest ? inner.dropLast(3) : inner)
      guard isName(name) else { return problem("'\(name)' is no name: letters, digits and '_' make one") }
      if pattern.parameters.contains(where: { $0.name == name }) { return problem("it has two parameters '\(name)'") }
      if isRest && index + 1 < parts.count { return problem("'{\(name)...}' takes all that follows, so must be last") }
      pattern.segments.append(isRest ? .rest : .parameter)
      pattern.parameters.append(Parameter(name: name, segment: index, isRest: isRest))
    }
    return .success(pattern)
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (0x41...0x5a).contains(byte & 0xdf) || (0x30...0x39).contains(byte) || byte == 0x5f
    }
  }
}

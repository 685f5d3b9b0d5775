/// A path with places: `/users/{id}`, `/users/{id:int}`, `/files/{path...}`.
///
/// Patterns are written decoded: `/café`, not `/caf%C3%A9`. A trailing slash is part of the path.
struct RoutePattern: Sendable {
  enum Segment: Hashable, Sendable {
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
  struct Parameter: Sendable {
    let name: String
    let segment: Int
    /// Whether it is all that is left from that segment on.
    let isRest: Bool
    /// The type that the pattern says.
    var written: (any PathValue.Type)?
    /// What it must be a valid value of.
    var check: ParameterCheck?
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
    if text.contains("?") || text.contains("#") { return problem("a route is a path, so it cannot have '?' or '#'") }
    var pattern = RoutePattern(text: text)
    let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if let right = otherDialect(part) { return problem("write '\(right)' for '\(part)'") }
      guard part.contains("{") || part.contains("}") else {
        pattern.segments.append(.literal(Array(part.utf8)))
        continue
      }
      guard part.hasPrefix("{"), part.hasSuffix("}") else {
        return problem("a parameter must be a whole segment, as in '/{name}/'")
      }
      let inner = part.dropFirst().dropLast()
      let isRest = inner.hasSuffix("...")
      let words = (isRest ? inner.dropLast(3) : inner).split(separator: ":", omittingEmptySubsequences: false)
      let name = String(words[0])
      guard words.count <= 2, isName(name) else {
        return problem("'\(name)' is not a valid name: it may have letters, digits and '_'")
      }
      if pattern.parameters.contains(where: { $0.name == name }) { return problem("it has two parameters '\(name)'") }
      if isRest && index + 1 < parts.count { return problem("'{\(name)...}' takes the rest, so it must be last") }
      var parameter = Parameter(name: name, segment: index, isRest: isRest)
      if words.count == 2 {
        guard let type = ParameterCheck.type(named: words[1]) else {
          return problem("'\(words[1])' is not a type of a parameter, which are \(ParameterCheck.names)")
        }
        parameter.written = type
        parameter.check = ParameterCheck(type)
      }
      pattern.segments.append(isRest ? .rest : .parameter)
      pattern.parameters.append(parameter)
    }
    return .success(pattern)
  }

  /// What to write for a segment that is a parameter in other frameworks, and would be a literal here that no request ever
  /// matches: `:id`, `<int:id>`, `*path`, `**`.
  private static func otherDialect(_ part: Substring) -> String? {
    func parameter(_ name: Substring, isRest: Bool = false) -> String {
      "{\(isName(String(name)) ? String(name) : "name")\(isRest ? "..." : "")}"
    }
    if part.hasPrefix(":") { return parameter(part.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }) }
    if part.hasPrefix("<"), part.hasSuffix(">") {
      let inner = part.dropFirst().dropLast()
      let name = inner.lastIndex(of: ":").map { inner[inner.index(after: $0)...] } ?? inner
      return parameter(name, isRest: inner.hasPrefix("path:"))
    }
    if part.hasPrefix("*") { return part == "*" ? "{name}" : parameter(part.drop { $0 == "*" }, isRest: true) }
    return nil
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (0x41...0x5a).contains(byte & 0xdf) || (0x30...0x39).contains(byte) || byte == 0x5f
    }
  }
}

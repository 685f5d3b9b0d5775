internal import GreenHTTP

extension Route where repeat each Input: PathValue {
  /// The route's path with these values, percent-encoded, below the prefixes of the blueprints that it was registered with.
  ///
  /// Where a prefix has parameters of its own which the handler does not take, they stay in it as they were written.
  public func path(_ values: repeat each Input) -> String {
    var texts: [String] = []
    for value in repeat each values { texts.append(value.pathValue) }
    return RoutePath.filled(record.settings.pattern ?? record.path, last: texts)
  }
}

/// Paths that are made of patterns.
enum RoutePath {
  /// A pattern with its last parameters replaced.
  static func filled(_ pattern: String, last values: [String]) -> String {
    var left = values[...]
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).reversed().map { part -> String in
      guard part.first == "{" else { return encoded(String(part), as: part) }
      return left.popLast().map { encoded($0, as: part) } ?? String(part)
    }
    return parts.reversed().joined(separator: "/")
  }

  /// A pattern with its parameters replaced by name.
  ///
  /// - Returns: the path, and the names of parameters that have no value.
  static func filled(_ pattern: String, _ values: [String: String]) -> (path: String, missing: [String]) {
    var missing: [String] = []
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map { part -> String in
      guard part.first == "{" else { return encoded(String(part), as: part) }
      let name = name(of: part)
      if let value = values[name] { return encoded(value, as: part) }
      missing.append(name)
      return ""
    }
    return (parts.joined(separator: "/"), missing)
  }

  /// How many parameters a pattern has.
  static func parameterCount(_ pattern: String) -> Int { pattern.split(separator: "/").count { $0.first == "{" } }

  /// The name of a parameter as it is written in a pattern: `{id}`, `{id:int}`, `{rest...}`.
  static func name(of part: Substring) -> String {
    var name = part.dropFirst().dropLast()
    if name.hasSuffix("...") { name = name.dropLast(3) }
    return String(name.prefix { $0 != ":" })
  }

  /// What stands at a part of a pattern: its value, or itself.
  private static func encoded(_ value: String, as part: Substring) -> String {
    // `pchar` of RFC 3986, 3.3; of the rest of a path its slashes stay.
    PercentEncoding.encoded(value, also: part.hasSuffix("...}") ? "/!$&'()*+,;=:@" : "!$&'()*+,;=:@")
  }
}

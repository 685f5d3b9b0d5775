internal import GreenHTTP

extension App {
  /// The path of a route by its name, ``Route/named(_:)``, with values for its parameters. Values that it has no parameters for
  /// become its query.
  ///
  /// ```swift
  /// try app.url(for: "note", ["id": 7])                    // "/notes/7"
  /// try app.url(for: "note", ["id": 7, "from": "list"])    // "/notes/7?from=list"
  /// ```
  ///
  /// A route that is at hand has ``Route/path(_:)``, which the compiler checks.
  ///
  /// - Throws: ``URLBuildError`` where there is no route of that name, several, or a parameter without a value.
  public func url(for name: String, _ values: KeyValuePairs<String, any PathValue> = [:]) throws -> String {
    var patterns: [String] = []
    for route in routes.all where route.record.settings.name == name {
      if !patterns.contains(route.pattern.text) { patterns.append(route.pattern.text) }
    }
    guard let pattern = patterns.first else { throw URLBuildError(description: "no route is named '\(name)'") }
    guard patterns.count == 1 else {
      throw URLBuildError(
        description: "several routes are named '\(name)': \(patterns.joined(separator: ", "))")
    }
    let texts = values.map { ($0.key, $0.value.pathValue) }
    let (path, missing) = RoutePath.filled(pattern, Dictionary(texts) { first, _ in first })
    if let first = missing.first {
      throw URLBuildError(description: "the route \(pattern) needs a value for '\(first)'")
    }
    let own = Set(pattern.split(separator: "/").filter { $0.first == "{" }.map(RoutePath.name))
    let rest = texts.filter { !own.contains($0.0) }
    if rest.isEmpty { return path }
    let pairs = rest.map { "\(PercentEncoding.encoded($0.0))=\(PercentEncoding.encoded($0.1))" }
    return "\(path)?\(pairs.joined(separator: "&"))"
  }
}

extension App {
  /// How many routes there are, each method counted.
  package var routeCount: Int { routes.all.count }

  /// What is wrong with how the application is set up and shows only when it is used, as sentences.
  package var setUpFaults: [String] {
    var patterns: [String: [String]] = [:]
    for route in routes.all {
      guard let name = route.record.settings.name else { continue }
      if !patterns[name, default: []].contains(route.pattern.text) {
        patterns[name, default: []].append(route.pattern.text)
      }
    }
    let names = patterns.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
    let words: Set = ["serve", "ctl", "routes", "check", "commands"]
    return names.map { "several routes are named '\($0.key)': \($0.value.joined(separator: ", "))" }
      + repeated(commands.map(\.name)).map { "several commands are called '\($0)'" }
      + commands.map(\.name).filter(words.contains).map { "a command is called '\($0)', which every program has" }
      + hostsOfRoutesThatAreRefused.map { "routes are for the host '\($0)', which app.hosts does not list" }
  }

  private var hostsOfRoutesThatAreRefused: [String] {
    let listed = hosts
    if listed.isEmpty { return [] }
    let allowed = AllowedHosts(listed)
    return HostPattern.distinct(in: routes.all.compactMap(\.host)).filter {
      $0.isLiteral && !allowed.serves($0.literal)
    }
    .map(\.text)
  }

  private func repeated(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { !known.insert($0).inserted }
  }
}

extension Settings {
  /// Every setting.
  public static let all: [any AnySetting] = [
    stackSize, maxBlockingTime, stackCensus, runtimeLocals, handlerIsolation, offloadThreads, backend, resolver,
    resolverNameServers,
    resolverTimeout, redirect, fileOffload, tasks,
  ]

  /// Every setting with its value as text, a paragraph each.
  public static var table: String {
    all.map(\.current).map { setting in
      let source = setting.source == .standard ? "the default" : "set by the \(setting.source.rawValue)"
      let standard = setting.source == .standard ? "" : "; the default is \(setting.defaultValue)"
      return "\(setting.name) = \(setting.value)  (\(source)\(standard))\n    \(setting.meaning)\n    "
        + "One of: \(setting.form)."
    }.joined(separator: "\n")
  }
}

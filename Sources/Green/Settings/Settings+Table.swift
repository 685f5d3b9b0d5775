extension Settings {
  private static let declared: [any AnySetting] = [
    stackSize, maxBlockingTime, stackCensus, dumpSignal, trace, threadLabels, leakCheck, runtimeLocals,
    handlerIsolation, offloadThreads, backend, resolver,
    resolverNameServers, resolverTimeout, redirect, fileOffload, tasks,
  ]

  /// Every setting as it is now.
  public static var all: [SettingDescription] { declared.map(\.current) }

  /// Every setting with its value as text, a paragraph each.
  public static var table: String {
    all.map { setting in
      let source = setting.source == .standard ? "the default" : "set by the \(setting.source.rawValue)"
      let standard = setting.source == .standard ? "" : "; the default is \(setting.defaultValue)"
      return "\(setting.name) = \(setting.value)  (\(source)\(standard))\n    \(setting.meaning)\n    "
        + "One of: \(setting.form)."
    }.joined(separator: "\n")
  }
}

/// A file of settings that cannot be used, as one sentence.
struct ConfigurationFileError: Error, CustomStringConvertible {
  let description: String
}

extension Configuration {
  /// Where a file is that is named in a folder; "" is the working directory.
  static func path(_ path: String, in folder: String) -> String {
    folder.isEmpty || path.hasPrefix("/") ? path : folder + "/" + path
  }

  /// Takes over what a file says.
  mutating func read(file path: String, in folder: String, formats: [ConfigurationFormat]) throws {
    // gunicorn's way to say that it is no module of Python.
    let path = path.hasPrefix("file:") ? String(path.dropFirst("file:".count)) : path
    let values: [String: ConfigurationValue]
    do {
      let format = try Self.format(of: path, formats)
      let isModule = path.hasPrefix("python:")
      if let run = format.run {
        values = try run(isModule ? path : Self.path(path, in: folder))
      } else {
        values = try format.read(try contents(of: Self.path(path, in: folder)))
      }
    } catch let error as ConfigurationSyntaxError {
      throw ConfigurationFileError(description: "\(path): \(error.reason).")
    }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where value != .null {
      try take(value, for: key, in: path)
    }
  }

  private mutating func take(_ value: ConfigurationValue, for key: String, in path: String) throws {
    if let setting = ServerSettings.named(key) {
      guard let texts = value.texts, setting.isList || texts.count <= 1 else {
        throw ConfigurationFileError(description: "\(path): \(key) is \(value.shown), not \(setting.words).")
      }
      return try setting.set(texts, from: .file(path), in: &self)
    }
    guard let foreign = GunicornSettings.foreign(named: key) else { throw Self.unknown(key, in: path) }
    let notice = try foreign.notice(of: value.texts ?? [value.shown], at: "\(path): \(key)")
    if let notice { notices.append(notice) }
  }

  private static func unknown(_ key: String, in path: String) -> ConfigurationFileError {
    let nearest = nearest(to: key, among: ServerSettings.all.map(\.name) + GunicornSettings.foreign.map(\.name))
    return ConfigurationFileError(
      description: "\(path): there is no setting '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "."))
  }

  private static func format(of path: String, _ formats: [ConfigurationFormat]) throws(ConfigurationFileError)
    -> ConfigurationFormat
  {
    if let format = formats.first(where: { path.hasSuffix("." + $0.suffix) }) { return format }
    if path.hasPrefix("python:"), let format = formats.first(where: { $0.suffix == "py" }) { return format }
    let known = formats.map { ".\($0.suffix)" }.joined(separator: " or ")
    if path.hasSuffix(".py") || path.hasPrefix("python:") {
      throw ConfigurationFileError(
        description: "\(path): settings in Python are not read; write them to a file \(known), under the same names.")
    }
    throw ConfigurationFileError(
      description: "\(path): the name of a file of settings must say its format by its end: \(known).")
  }
}

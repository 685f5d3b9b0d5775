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
    let values: [String: ConfigurationValue]
    do {
      values = try Self.format(of: path, formats).read(try contents(of: Self.path(path, in: folder)))
    } catch let error as ConfigurationSyntaxError {
      throw ConfigurationFileError(description: "\(path): \(error.reason).")
    }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let setting = ServerSettings.named(key) else {
        let nearest = nearest(to: key, among: ServerSettings.all.map(\.name))
        throw ConfigurationFileError(
          description: "\(path): there is no setting '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "."))
      }
      guard let texts = value.texts, setting.isList || texts.count <= 1 else {
        throw ConfigurationFileError(description: "\(path): \(key) is a list or an object, not \(setting.words).")
      }
      if value == .null { continue }
      try setting.set(texts, from: .file(path), in: &self)
    }
  }

  private static func format(of path: String, _ formats: [ConfigurationFormat]) throws(ConfigurationFileError)
    -> ConfigurationFormat
  {
    if let format = formats.first(where: { path.hasSuffix("." + $0.suffix) }) { return format }
    let known = formats.map { ".\($0.suffix)" }.joined(separator: ", ")
    throw ConfigurationFileError(
      description: "\(path): the name of a file of settings must say its format by its end: \(known).")
  }
}

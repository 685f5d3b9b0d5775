/// A file of settings, read: keys and values in the file's own types.
public struct ConfigurationFormat: Sendable {
  /// As a person calls it: JSON.
  public let name: String
  /// How the names of its files end, without the dot.
  public let suffix: String
  /// Reads a file's bytes; the error is a sentence without its end, as it follows the file's name.
  public let read: @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]

  public init(
    name: String, suffix: String,
    read: @escaping @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]
  ) {
    self.name = name
    self.suffix = suffix
    self.read = read
  }
}

/// Why a file of settings cannot be read.
public struct ConfigurationSyntaxError: Error {
  /// What is wrong, as the end of a sentence.
  public let reason: String
  /// An error with that reason.
  public init(_ reason: String) { self.reason = reason }
}

/// A value in a file of settings.
public enum ConfigurationValue: Sendable, Equatable {
  /// A text.
  case string(String)
  /// A number, as it is written.
  case number(String)
  /// True or false.
  case bool(Bool)
  /// Several values.
  case list([ConfigurationValue])
  /// As if the key were not there.
  case null
  /// A table or an object, which no setting takes.
  case table

  /// The texts that a setting reads; `nil` where it can read none.
  var texts: [String]? {
    switch self {
    case .string(let text), .number(let text): [text]
    case .bool(let value): [value ? "true" : "false"]
    case .list(let values):
      values.reduce(into: [] as [String]?) { texts, value in
        guard let more = value.texts, more.count == 1 else { texts = nil; return }
        texts?.append(contentsOf: more)
      }
    case .null: []
    case .table: nil
    }
  }
}

/// A file of settings that cannot be used, as one sentence.
struct ConfigurationFileError: Error, CustomStringConvertible {
  let description: String
}

extension Configuration {
  /// Takes over what a file says.
  mutating func read(file path: String, formats: [ConfigurationFormat]) throws {
    let values: [String: ConfigurationValue]
    do {
      values = try Self.format(of: path, formats).read(try contents(of: path))
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

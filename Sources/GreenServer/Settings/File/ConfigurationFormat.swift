/// A file of settings, read: keys and values in the file's own types.
public struct ConfigurationFormat: Sendable {
  /// As a person calls it: JSON.
  public let name: String
  /// How the names of its files end, without the dot.
  public let suffix: String
  /// Reads a file's bytes; the error is a sentence without its end, as it follows the file's name.
  public let read: @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]

  /// The file of this format that is read where none is named.
  let standardName: String
  /// Reads the file itself, in the place of ``read``; for files that are programs.
  let run: (@Sendable (_ path: String) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue])?

  /// A format of files, from what the properties say.
  public init(
    name: String, suffix: String,
    read: @escaping @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]
  ) {
    self.name = name
    self.suffix = suffix
    self.read = read
    standardName = "greenfinch.\(suffix)"
    run = nil
  }

  /// A format of files that are programs, which `run` runs by their paths.
  package init(
    name: String, suffix: String, standardName: String,
    run: @escaping @Sendable (_ path: String) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]
  ) {
    self.name = name
    self.suffix = suffix
    self.standardName = standardName
    self.run = run
    read = { _ throws(ConfigurationSyntaxError) in [:] }
  }
}

/// A file of settings, read: keys and values in the file's own types.
public struct ConfigurationFormat: Sendable {
  /// As a person calls it: JSON.
  public let name: String
  /// How the names of its files end, without the dot.
  public let suffix: String
  /// Reads a file's bytes; the error is a sentence without its end, as it follows the file's name.
  public let read: @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]

  /// A format of files, from what the properties say.
  public init(
    name: String, suffix: String,
    read: @escaping @Sendable ([UInt8]) throws(ConfigurationSyntaxError) -> [String: ConfigurationValue]
  ) {
    self.name = name
    self.suffix = suffix
    self.read = read
  }
}

/// Why a file of settings cannot be read.
public struct ConfigurationSyntaxError: Error {
  /// What is wrong, as the end of a sentence.
  public let reason: String
  /// An error with that reason.
  public init(_ reason: String) { self.reason = reason }
}

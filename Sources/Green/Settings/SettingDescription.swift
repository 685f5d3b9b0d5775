internal import Glibc

/// A setting as it was at one moment, for listings.
public struct SettingDescription: Sendable {
  /// The variable of the environment.
  public let name: String
  public let meaning: String
  /// What may be written, in words.
  public let form: String
  public let value: String
  public let defaultValue: String
  public let source: SettingSource
}

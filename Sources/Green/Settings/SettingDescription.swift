internal import Glibc

/// A setting as it was at one moment, for listings.
public struct SettingDescription: Sendable {
  /// The variable of the environment.
  public let name: String
  /// What it is for, in a sentence.
  public let meaning: String
  /// What may be written, in words.
  public let form: String
  /// The value in force, as it would be written in the environment.
  public let value: String
  /// The default, written the same way.
  public let defaultValue: String
  /// Where the value in force is from.
  public let source: SettingSource
}

internal import Green

/// A setting with which no server can run. Its description is one sentence for the person who set it.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// Which setting, as it is spelled where the value is from: `--workers`, `WEB_CONCURRENCY`, `greenfinch.json: workers`.
  public let setting: String
  /// The value that is wrong.
  public let value: String
  /// What is wrong with it, and what would be right.
  public let reason: String
  /// Whether the value cannot be read at all, and is not only one that is not allowed.
  let isUnreadable: Bool

  init(_ setting: String, _ value: String, _ fault: SettingFault) {
    self.setting = setting
    self.value = value
    reason = fault.reason
    isUnreadable = fault.isUnreadable
  }

  private init(_ error: ConfigurationError, value: String) {
    setting = error.setting
    self.value = value
    reason = error.reason
    isUnreadable = error.isUnreadable
  }

  /// The same about what a person wrote, which is not always what the setting read.
  func about(_ text: String) -> ConfigurationError { ConfigurationError(self, value: text) }

  public var description: String { "\(setting) is '\(value)', \(reason)." }
}

/// A setting, whatever its value's type.
protocol AnySetting: Sendable {
  /// The setting as it is now.
  var current: SettingDescription { get }
}

internal import Green

// How the values of the settings of processes are written.

extension SettingForm where Value == String {
  /// A variable of the environment and its value.
  static let assignment = SettingForm(
    "NAME=VALUE", parse: { $0 },
    isAllowed: { text in
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return false }
      return equals > text.utf8.startIndex && !text.utf8.contains(0)
    }, write: { $0 })
}

/// Why a text, or a value set in code, is none that a setting can have.
package struct SettingFault: Error, Equatable {
  /// What is wrong, to follow the text in a sentence: "not a number from 1 to 10".
  package let reason: String
  /// Whether the text cannot be read at all, and is not only a value that is not allowed.
  package let isUnreadable: Bool

  package init(_ reason: String, isUnreadable: Bool = false) {
    self.reason = reason
    self.isUnreadable = isUnreadable
  }
}

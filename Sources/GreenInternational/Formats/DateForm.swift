/// How much of a date is told, and in how many letters.
public enum DateForm: Int, Sendable, Hashable, CaseIterable {
  /// With the day of the week: Saturday, November 28, 2026.
  case full
  /// November 28, 2026.
  case long
  /// Nov 28, 2026.
  case medium
  /// 11/28/26.
  case short
}

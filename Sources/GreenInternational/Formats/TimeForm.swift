/// How much of a time of day is told.
public enum TimeForm: Int, Sendable, Hashable, CaseIterable {
  /// 8:33 PM.
  case short
  /// 8:33:07 PM.
  case medium
}

internal import Glibc

/// Where a setting's value is from.
public enum SettingSource: String, Sendable {
  /// Nobody has set it: it is the default.
  case standard = "default"
  /// A variable of the environment.
  case environment
  /// The program, in code.
  case program
}

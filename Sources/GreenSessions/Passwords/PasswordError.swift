/// Why a password has no hash.
public enum PasswordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// It has a NUL character, at which libcrypt would end it.
  case nul
  /// It is longer than libcrypt takes.
  case tooLong(Int)
  /// Memory is short, or the system has no random bytes.
  case failed

  public var description: String {
    switch self {
    case .nul: "a password cannot have a NUL character"
    case .tooLong(let count): "a password has at most 511 bytes, and this one has \(count)"
    case .failed: "the password's hash could not be made: memory is short"
    }
  }
}

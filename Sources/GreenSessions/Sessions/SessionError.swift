/// What cannot be done with a session.
public enum SessionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A cookie holds no more than about 4,000 characters: RFC 6265bis, 5.7. Keep less in the session, or keep it in a store.
  case tooLarge(Int)
  /// Memory is short, or the system has no random bytes.
  case failed

  public var description: String {
    switch self {
    case .tooLarge(let count):
      "the session's cookie would have \(count) characters, and browsers keep 4,096: keep less in it, or give Sessions a store"
    case .failed: "the session's cookie could not be made: memory is short"
    }
  }
}

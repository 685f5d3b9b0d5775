public import SystemPackage

/// No connection could be made: what went wrong at each address that was tried.
public struct ConnectError: Error, Sendable, CustomStringConvertible {
  /// One address that was tried.
  public struct Attempt: Sendable {
    /// The address.
    public let address: SocketAddress
    /// `Errno.timedOut` also where the caller's deadline ended the attempt.
    public let error: Errno
  }

  /// What was to be connected to, as text.
  public let target: String
  /// The attempts, in the order in which they failed.
  public let attempts: [Attempt]
  /// The addresses that were not tried, since the deadline passed before.
  public let untried: [SocketAddress]
  /// Whether the caller's deadline ended it.
  public let isTimedOut: Bool

  public var description: String {
    let reasons = attempts.map { "\($0.address): \($0.error)" } + untried.map { "\($0): not tried before the deadline" }
    return "no connection to \(target)"
      + (reasons.isEmpty ? ", which has no address" : " (\(reasons.joined(separator: "; ")))")
  }
}

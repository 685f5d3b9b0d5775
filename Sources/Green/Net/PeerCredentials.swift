internal import CGlibc
internal import Glibc
internal import SystemPackage

/// Who is at the other end of a Unix domain socket: the process as it was when it connected, or listened.
public struct PeerCredentials: Hashable, Sendable {
  /// The process's number.
  public let process: Int32
  /// Its user.
  public let user: UInt32
  /// Its group.
  public let group: UInt32

  /// Credentials of these parts.
  public init(process: Int32, user: UInt32, group: UInt32) {
    self.process = process
    self.user = user
    self.group = group
  }
}

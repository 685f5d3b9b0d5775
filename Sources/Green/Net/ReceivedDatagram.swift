internal import CGlibc
internal import Glibc
internal import SystemPackage

/// What is known of a datagram that was received.
public struct ReceivedDatagram: Sendable {
  /// How many bytes of it are in the buffer; a datagram may be empty.
  public let count: Int
  /// How many it had.
  public let wholeCount: Int
  /// Who sent it; `nil` for a Unix domain socket without a name.
  public let sender: SocketAddress?

  /// Whether it was longer than the buffer.
  public var isTruncated: Bool { wholeCount > count }
}

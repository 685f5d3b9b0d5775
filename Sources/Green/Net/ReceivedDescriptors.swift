internal import CGlibc
internal import Glibc
internal import SystemPackage

/// What ``Socket/receiveDescriptors(into:until:)`` received.
public struct ReceivedDescriptors: Sendable {
  /// How many bytes were received; 0 at the end of the stream.
  public let count: Int
  /// New descriptors of this process, closed on exec. Whoever receives them closes them.
  public let descriptors: [CInt]
  /// Whether the peer sent more than could be had, as when the process may not open so many.
  public let isTruncated: Bool
}

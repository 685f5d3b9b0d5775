internal import CGlibc
internal import Glibc
public import SystemPackage

/// An option could not be read or set.
public struct SocketOptionError: Error, Sendable, CustomStringConvertible {
  /// The option's name in C.
  public let name: String
  /// The value that was refused; `nil` when the option was to be read.
  public let value: String?
  /// Why that is not possible.
  public let reason: Errno

  public var description: String {
    value.map { "the socket option \(name) cannot be set to \($0): \(reason)" }
      ?? "the socket option \(name) cannot be read: \(reason)"
  }
}

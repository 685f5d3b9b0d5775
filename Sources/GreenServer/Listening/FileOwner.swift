import Glibc
import Green
package import SystemPackage

/// Whose a file is: numbers of a user and a group.
package struct FileOwner: Sendable, Equatable {
  package let user: UInt32
  package let group: UInt32

  package init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }

  /// Gives it the file at a path, which is not followed where it is a link: `lchown(2)`.
  package func take(_ path: String) throws(Errno) { _ = try systemCall { lchown(path, user, group) } }

  /// Gives it an open file: `fchown(2)`.
  package func take(_ descriptor: CInt) throws(Errno) { _ = try systemCall { fchown(descriptor, user, group) } }
}

internal import Glibc
public import SystemPackage

/// What `stat(2)` says about a path, as far as a change of it matters: not when it was last read.
public enum FileStatus: Hashable, Sendable {
  /// There is no such file.
  case missing
  /// There is one, with these attributes.
  case present(Attributes)
  /// It cannot be looked at: permissions on the way to it, a network file system that fails.
  case unreadable(Errno)

  /// What is known of a file that is there.
  public struct Attributes: Hashable, Sendable {
    /// The size in bytes.
    public let size: Int64
    /// Since 1970, of the last change of content.
    public let modified: Duration
    /// Since 1970, of the last change of content, permissions, owner or links.
    public let changed: Duration
    /// The device that the file lies on: `st_dev`.
    public let device: UInt64
    /// The file's number on its device: `st_ino`.
    public let inode: UInt64
    /// Type and permissions: `st_mode`.
    public let mode: UInt32
    /// How many names the file has: `st_nlink`.
    public let links: UInt64
    /// The user that owns it: `st_uid`.
    public let owner: UInt32
    /// The group that owns it: `st_gid`.
    public let group: UInt32
  }

  /// Looks at a path now; symbolic links are followed. Blocks where the file system does.
  public static func current(of path: String) -> FileStatus {
    var status = stat()
    while stat(path, &status) != 0 {
      switch errno {
      case EINTR: continue
      case ENOENT, ENOTDIR: return .missing
      default: return .unreadable(Errno(rawValue: errno))
      }
    }
    return .present(
      Attributes(
        size: Int64(status.st_size), modified: Duration(status.st_mtim), changed: Duration(status.st_ctim),
        device: UInt64(status.st_dev), inode: UInt64(status.st_ino), mode: UInt32(status.st_mode),
        links: UInt64(status.st_nlink), owner: status.st_uid, group: status.st_gid))
  }
}

extension Duration {
  fileprivate init(_ time: timespec) { self = .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec) }
}

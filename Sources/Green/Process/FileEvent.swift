internal import Glibc

/// Something that happened to a watched file, or to a file in a watched folder.
public struct FileEvent: Hashable, Sendable, CustomStringConvertible {
  /// What has happened.
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// A file or folder was made in the folder.
    case created
    /// The content was changed.
    case modified
    /// A file that had been open for writing was closed: commonly the moment to read it.
    case written
    /// Permissions, times, owner or the number of links changed.
    case attributes
    /// The file was deleted; the watched one itself, or one in the folder.
    case deleted
    /// The file was renamed, and this is what it was called before: one in the folder, or the watched one itself.
    case movedFrom
    /// A file was renamed, and this is what it is called now.
    case movedTo
    /// The file system was unmounted.
    case unmounted
    /// Events were lost, since they came faster than they were taken: look at everything again. It has no path.
    case overflow

    /// What changes names or content, and what ``FileWatcher/watch(_:for:)`` asks for where nothing else is said.
    public static let changes: Set<Kind> = [.created, .modified, .deleted, .movedFrom, .movedTo]
  }

  /// What has happened.
  public let kind: Kind
  /// The file: the path that is watched, and after it the name where it is one in a watched folder.
  public let path: String
  /// Whether it happened to a folder.
  public let isDirectory: Bool
  /// The same number in the ``Kind/movedFrom`` and the ``Kind/movedTo`` of one renaming, 0 in others. Only one of them
  /// comes when the file leaves or enters what is watched.
  public let move: UInt32

  public var description: String { "\(path) \(kind)" }
}

// What inotify(7) calls them. Overflow and unmounting are reported without being asked for.
extension FileEvent.Kind {
  var mask: UInt32 {
    switch self {
    case .created: UInt32(IN_CREATE)
    case .modified: UInt32(IN_MODIFY)
    case .written: UInt32(IN_CLOSE_WRITE)
    case .attributes: UInt32(IN_ATTRIB)
    case .deleted: UInt32(IN_DELETE | IN_DELETE_SELF)
    case .movedFrom: UInt32(IN_MOVED_FROM | IN_MOVE_SELF)
    case .movedTo: UInt32(IN_MOVED_TO)
    case .unmounted: UInt32(IN_UNMOUNT)
    case .overflow: UInt32(IN_Q_OVERFLOW)
    }
  }

  /// An event of inotify has one of these.
  init?(mask: UInt32) {
    guard let kind = Self.allCases.first(where: { $0.mask & mask != 0 }) else { return nil }
    self = kind
  }
}

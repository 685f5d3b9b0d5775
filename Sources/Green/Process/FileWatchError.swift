public import SystemPackage

/// Why files cannot be watched.
public enum FileWatchError: Error, Equatable, CustomStringConvertible {
  /// The user's processes watch as many files as the system allows.
  case tooManyWatches(String)
  /// The user's processes have as many watchers as the system allows, or this process no descriptor left.
  case tooManyWatchers
  /// The system refused the path.
  case failed(String, Errno)

  public var description: String {
    switch self {
    case .tooManyWatches(let path):
      "cannot watch \(path): too many files are watched; raise the sysctl fs.inotify.max_user_watches"
    case .tooManyWatchers:
      "cannot make a file watcher: raise the sysctl fs.inotify.max_user_instances, or the limit of open files (ulimit -n)"
    case .failed(let path, let error): "cannot watch \(path): \(error)"
    }
  }
}
